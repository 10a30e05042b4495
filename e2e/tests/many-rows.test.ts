// A list of hundreds of connections: what is in the page, and that keyboard and screen readers do not notice.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.js";
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
