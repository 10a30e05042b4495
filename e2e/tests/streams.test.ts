// Many syncs on few streams: browsers allow six HTTP/1.1 connections to an origin.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.js";
import { heard, hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";
import type { Service, Sync } from "../support/service.js";

/** What Chromium itself says about a request that could not be made or was cut off. */
const CUT_OFF = /console: Failed to load resource: net::ERR_|ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/;
const NOT_FOUND = /console: Failed to load resource: .* 404/;

async function createSyncs(service: Service, collection: string, count: number): Promise<Sync[]> {
  const syncs = Array.from({ length: count }, (_, at) => service.createSync(collection, `Source ${String(at)}`));
  return Promise.all(syncs);
}

/** The event streams that the page asks for from now on: the last part of each path, or how many share it. */
function watchStreams(page: Page): string[] {
  const streams: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (request.method() !== "GET" || !url.pathname.endsWith("/subscribe")) return;
    const shared = url.searchParams.getAll("connection_id").length;
    streams.push(shared > 0 ? `shared by ${String(shared)}` : "single");
  });
  return streams;
}

async function setStreams(page: Page, mode: string): Promise<void> {
  await page.evaluate((mode) => document.querySelector("connect-widget")?.setAttribute("streams", mode), mode);
}

scenario("twelve syncs are live on one stream, and the page can still make requests", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const syncs = await createSyncs(service, collection, 12);
  const streams = watchStreams(page);
  await page.goto(url);
  for (const { connection } of syncs) await widget.shows(connection, { state: "syncing" });
  for (const [at, { job }] of syncs.entries()) await redis.publish(job, progress(at));
  for (const [at, { connection }] of syncs.entries()) await widget.shows(connection, { state: "syncing", count: String(at + 10) });
  assert.equal(await service.openStreams(), 1);
  assert.deepEqual(streams, ["shared by 12"]);

  const list = page.waitForResponse((response) => response.url().endsWith("/connect/source-connections"));
  await page.evaluate(() => document.querySelector("connect-widget")?.refresh());
  assert.equal((await list).status(), 200);

  for (const { job } of syncs) await redis.publish(job, progress(90, { is_complete: true }));
  for (const { connection } of syncs) await widget.shows(connection, { state: "idle" });
  const ends = (await heard(page, "sync-complete")).map(({ detail }) => detail["connectionId"]);
  assert.deepEqual(ends.sort(), syncs.map(({ connection }) => connection).sort());
  assert.deepEqual(await heard(page, "sync-error"), []);
  await eventually(async () => {
    assert.equal(await service.openStreams(), 0);
  });
});

scenario("a shared stream that is lost comes back with what was missed", { expected: [CUT_OFF] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const [first, second, ...others] = await createSyncs(service, collection, 5);
  assert.ok(first && second);
  await page.goto(url);
  for (const { job, connection } of [first, second, ...others]) {
    await widget.shows(connection, { state: "syncing" });
    await redis.publish(job, progress(1));
    await widget.shows(connection, { count: "11" });
  }
  await service.kill();
  for (const { connection } of others) await widget.shows(connection, { state: "reconnecting", count: "11" });
  await redis.publishWithSnapshot(first.job, progress(5));
  await redis.publishWithSnapshot(second.job, progress(6, { is_complete: true }));
  await service.start();
  await hears(page, "sync-complete", ({ detail }) => detail["connectionId"] === second.connection);
  await widget.shows(first.connection, { state: "syncing", count: "15" });
  for (const { connection } of others) await widget.shows(connection, { state: "syncing", count: "11" });
  assert.equal((await heard(page, "sync-complete")).length, 1);
  assert.equal(await service.openStreams(), 1);
});

scenario("a sync that is started joins the stream", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const [first, ...others] = await createSyncs(service, collection, 4);
  assert.ok(first);
  const late = await service.createConnection(collection, "Late");
  const streams = watchStreams(page);
  await page.goto(url);
  for (const { connection } of [first, ...others]) await widget.shows(connection, { state: "syncing" });
  await redis.publish(first.job, progress(1));
  await widget.shows(first.connection, { count: "11" });

  const job = await service.createJob(late);
  await page.evaluate((id) => document.querySelector("connect-widget")?.subscribe(id), late);
  await widget.shows(late, { state: "syncing" });
  await redis.publish(job, progress(32));
  await widget.shows(late, { count: "42" });
  await widget.shows(first.connection, { state: "syncing", count: "11" });
  assert.deepEqual(streams, ["shared by 4", "shared by 5"]);
  assert.equal(await service.openStreams(), 1);
});

scenario("a service that knows no shared stream is asked for few at a time", { expected: [NOT_FOUND] }, async (world) => {
  const { page, url, service, collection, widget } = world;
  const syncs = await createSyncs(service, collection, 9);
  await Promise.all(syncs.map(({ job }) => service.publish(job, progress(1))));
  await page.route("**/connect/subscribe?*", (route) =>
    route.fulfill({
      status: 404,
      json: { detail: "Not Found" },
      headers: { "access-control-allow-origin": new URL(url).origin },
    }),
  );
  await page.goto(url);
  // Each is shown: by its stream, or by asking how its job stands.
  for (const { connection } of syncs) await widget.shows(connection, { state: "syncing", count: "11" });
  assert.equal(await service.openStreams(), 3);

  for (const { job } of syncs) await service.publish(job, progress(2, { status: "completed" }));
  for (const { connection } of syncs) await widget.shows(connection, { state: "idle" });
  await hears(page, "sync-complete", ({ detail }) => detail["connectionId"] === syncs[8]?.connection);
});

scenario("a host can have either kind of stream", {}, async ({ page, url, redis, service, collection, widget }) => {
  const syncs = await createSyncs(service, collection, 2);
  const streams = watchStreams(page);
  await page.goto(url);
  for (const { connection } of syncs) await widget.shows(connection, { state: "syncing" });
  await eventually(() => {
    assert.deepEqual(streams, ["single", "single"]);
  });
  await setStreams(page, "shared");
  await eventually(async () => {
    assert.deepEqual(streams, ["single", "single", "shared by 2"]);
    assert.equal(await service.openStreams(), 1);
  });
  for (const { job, connection } of syncs) {
    await redis.publish(job, progress(3));
    await widget.shows(connection, { state: "syncing", count: "13" });
  }
  await setStreams(page, "single");
  await eventually(async () => {
    assert.equal(await service.openStreams(), 2);
  });
});
