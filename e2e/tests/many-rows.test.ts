// A list of hundreds of connections: what is in the page, and that keyboard and screen readers do not notice.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

const COUNT = 500;

/** What there is of the list: the rows in the page by their places, what they say of how many there are, and its height. */
async function listOf(page: Page) {
  return page.locator('connect-widget [part="list"]').evaluate((list) => {
    const rows = Array.from(list.querySelectorAll('[part="connection"]'));
    const { height } = list.getBoundingClientRect();
    return {
      places: rows.map((row) => Number(row.getAttribute("aria-posinset"))),
      sizes: [...new Set(rows.map((row) => row.getAttribute("aria-setsize")))],
      height,
      isFilled: rows.some((row) => row.getBoundingClientRect().top < innerHeight / 2 && row.getBoundingClientRect().bottom > innerHeight / 2),
    };
  });
}

scenario(`of ${String(COUNT)} connections only those near to what is seen are in the page`, {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  for (let at = 0; at < COUNT; at += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, offset) => service.createConnection(collection, `Source ${String(at + offset)}`)));
  }
  await page.goto(url);
  await widget.isIn("ready");
  await eventually(async () => {
    const { places, sizes, height } = await listOf(page);
    assert.equal(places[0], 1);
    assert.ok(places.length > 5 && places.length < 60, `${String(places.length)} rows`);
    assert.deepEqual(sizes, [String(COUNT)]);
    assert.ok(height > COUNT * 50, `only ${String(height)} pixels high`);
  });

  await page.evaluate(() => {
    scrollTo(0, document.documentElement.scrollHeight / 2);
  });
  await eventually(async () => {
    const { places, isFilled } = await listOf(page);
    assert.ok(isFilled, "nothing is in the middle of the page");
    assert.ok(Number(places[0]) > 100 && places.length < 60, String(places));
  });

  await page.evaluate(() => {
    scrollTo(0, document.documentElement.scrollHeight);
  });
  await eventually(async () => {
    assert.equal((await listOf(page)).places.at(-1), COUNT);
  });
});

/** Counts the frames of a page that came later than the one after the next was due. */
async function countFrames(page: Page): Promise<() => Promise<{ frames: number; missed: number }>> {
  await page.evaluate(() => {
    const counted = { frames: 0, missed: 0 };
    let before = performance.now();
    const onFrame = (now: number) => {
      counted.frames += 1;
      if (now - before > 34) counted.missed += 1;
      before = now;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
    Object.assign(globalThis, { counted });
  });
  return () => page.evaluate(() => (globalThis as unknown as { counted: { frames: number; missed: number } }).counted);
}

scenario(`${String(COUNT)} syncs at once are followed to their last counts`, {}, async (world) => {
  const { page, url, service, collection, widget, note } = world;
  const jobs: string[] = [];
  for (let at = 0; at < COUNT; at += 50) {
    const syncs = await Promise.all(Array.from({ length: 50 }, (_, offset) => service.createSync(collection, `Source ${String(at + offset)}`)));
    jobs.push(...syncs.map(({ job }) => job));
  }
  await page.goto(url);
  await widget.isIn("ready");
  const counted = await countFrames(page);
  for (let round = 1; round <= 4; round += 1) {
    for (let at = 0; at < COUNT; at += 50) {
      await Promise.all(jobs.slice(at, at + 50).map((job) => service.publish(job, progress(round * 500))));
    }
  }
  await eventually(async () => {
    const counts = await page.locator('connect-widget [part="count"]').allTextContents();
    assert.deepEqual([...new Set(counts)], ["2,010 synced"]);
  });
  const { frames, missed } = await counted();
  note(`${String(missed)} of ${String(frames)} frames came late`);
});
