// The main job: a worker publishes, the host page shows it.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import { Child } from "../support/child.js";
import { heard, hears } from "../support/heard.js";
import { repositoryPath } from "../support/paths.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

scenario("a sync is shown from its start to two seconds after its end", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { name: "Team chat", state: "syncing" });

  // 10 are kept, and each message replaces the one before: 110, not 110 + 1,210.
  await redis.publish(job, progress(100));
  await widget.shows(connection, { state: "syncing", count: "110" });
  await redis.publish(job, progress(1200));
  await widget.shows(connection, { state: "syncing", count: "1,210" });

  const refetched = page.waitForResponse((response) => response.url().endsWith("/connect/source-connections"));
  await redis.publish(job, progress(2340, { is_complete: true }));
  await widget.shows(connection, { state: "completed", count: "2,350" });
  const completed = Date.now();
  await widget.shows(connection, { state: "idle" });
  assert.ok(Date.now() - completed > 1500, "the end can be seen for two seconds");
  assert.equal(await widget.row(connection).locator('[part~="progress"]').count(), 0);
  assert.equal((await refetched).status(), 200);
  assert.equal(await widget.row(connection).getAttribute("data-status"), "active");
  await widget.row(connection).getByText("Synced now").waitFor();
});

scenario("a number grows in steps, and at once for whoever wants less motion", {}, async ({ page, url, redis, service, collection, widget }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  const written: string[] = [];
  await page.exposeFunction("written", (text: string) => written.push(text));
  for (const motion of ["no-preference", "reduce"] as const) {
    await page.emulateMedia({ reducedMotion: motion });
    const before = motion === "reduce" ? 20_000 : 0;
    await redis.publish(job, progress(before + 90));
    await widget.shows(connection, { state: "syncing", count: (before + 100).toLocaleString("en") });
    await widget.row(connection).locator('[part="count"]').evaluate((count) => {
      const tell = () => void (Reflect.get(globalThis, "written") as (text: string | null) => unknown)(count.textContent);
      requestAnimationFrame(function frame() {
        tell();
        requestAnimationFrame(frame);
      });
    });
    written.length = 0;
    await redis.publish(job, progress(before + 9_990));
    await widget.shows(connection, { count: (before + 10_000).toLocaleString("en") });
    const counts = written.map((text) => Number(text.replaceAll(/\D/g, ""))).filter((count) => count > before);
    assert.deepEqual(counts, counts.toSorted((one, other) => one - other), "never back");
    const between = counts.filter((count) => before + 100 < count && count < before + 10_000);
    assert.equal(between.length > 0, motion === "no-preference", counts.join(" "));
  }
});

scenario("the host page hears what happens", {}, async ({ page, url, redis, service, collection, widget }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  const ready = await hears(page, "connect-ready");
  assert.equal(ready.detail["collectionId"], collection);
  assert.equal(ready.detail["mode"], "all");
  await hears(page, "status-change", ({ detail }) => detail["status"] === "ready");

  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  const first = await hears(page, "sync-progress");
  assert.deepEqual([first.detail["connectionId"], first.detail["jobId"]], [connection, job]);
  await redis.publish(job, progress(2340, { is_complete: true }));
  const complete = await hears(page, "sync-complete");
  assert.deepEqual([complete.detail["connectionId"], complete.detail["jobId"]], [connection, job]);
  const { inserted, kept, status, is_complete } = complete.detail["progress"] as Record<string, unknown>;
  assert.deepEqual({ inserted, kept, status, is_complete }, { inserted: 2340, kept: 10, status: "completed", is_complete: true });

  await page.getByText("2,350 items are ready to search.").waitFor();
  await widget.shows(connection, { state: "idle" });
  assert.equal((await heard(page, "sync-complete")).length, 1);
  assert.deepEqual(await heard(page, "sync-error"), []);
});

scenario("a worker that publishes over HTTP is shown the same way", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Mail");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await service.publish(job, progress(5, { total: 20 }));
  await widget.shows(connection, { count: "15" });
  const bar = widget.row(connection).getByRole("progressbar");
  assert.deepEqual(
    [await bar.getAttribute("aria-valuenow"), await bar.getAttribute("aria-valuemax")],
    ["15", "20"],
  );
  await service.publish(job, progress(10, { status: "completed" }));
  await widget.shows(connection, { state: "completed", count: "20" });
  await widget.shows(connection, { state: "idle" });
});

scenario("the example publisher, nothing but redis-cli, tells a whole sync", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  const publisher = new Child("bash", [repositoryPath("examples/publisher-redis-cli/publish.sh"), job], {
    REDIS_URL: redis.url,
    PAUSE_SECONDS: "0.05",
  });
  assert.equal(await publisher.ended(), 0);
  await widget.shows(connection, { state: "completed", count: "1,625" });
  const counts = (await heard(page, "sync-progress")).map(
    ({ detail }) => (detail["progress"] as { inserted: number }).inserted,
  );
  assert.ok(counts.length > 1, "the sync is followed, not only its end");
  assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
});

/** What Chromium itself says about a stream that was asked for before its job was there. */
const NO_JOB_YET = /console: Failed to load resource: .* 404 .*\/subscribe/;

scenario("a connection that appears while the page is open is followed at once", { expected: [NO_JOB_YET] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  await page.goto(url);
  await widget.isIn("empty");
  const connection = await service.createConnection(collection, "New wiki", { status: "syncing" });
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement) => {
    element.refresh();
  });
  await widget.shows(connection, { name: "New wiki", state: "syncing" });

  // Its job comes late.
  const job = await service.createJob(connection);
  await redis.publish(job, progress(32));
  await widget.shows(connection, { state: "syncing", count: "42" });
});

scenario("a sync that the page itself has just started is followed when the page says so", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  await page.goto(url);
  await widget.shows(connection, { state: "idle" });
  const job = await service.createJob(connection);
  await page.evaluate((id) => document.querySelector("connect-widget")?.subscribe(id), connection);
  await redis.publish(job, progress(32));
  await widget.shows(connection, { state: "syncing", count: "42" });
});
