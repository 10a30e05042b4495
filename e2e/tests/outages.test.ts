// Parts that go away in the middle of a sync, and come back.
import assert from "node:assert/strict";
import { heard } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

/** What Chromium itself says about a request that could not be made or was cut off. */
const CUT_OFF = /console: Failed to load resource: net::ERR_|ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/;
/** The service's answer while its Redis is away. */
const UNAVAILABLE = /console: Failed to load resource: .* 50[23]/;

scenario("a service that crashes in mid-sync is missed, and its sync goes on", { expected: [CUT_OFF] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });

  await service.kill();
  await widget.shows(connection, { state: "reconnecting", count: "110" });
  // What the worker tells while nobody listens is in its snapshot.
  await redis.publishWithSnapshot(job, progress(700));
  await service.start();
  await widget.shows(connection, { state: "syncing", count: "710" });

  await redis.publish(job, progress(900));
  await widget.shows(connection, { state: "syncing", count: "910" });
  await redis.publish(job, progress(1000, { is_complete: true }));
  await widget.shows(connection, { state: "completed", count: "1,010" });
  await widget.shows(connection, { state: "idle" });
  assert.deepEqual(await heard(page, "sync-error"), []);
});

scenario("a sync that ends while the service is away is shown as ended", { expected: [CUT_OFF] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });

  await service.kill();
  await widget.shows(connection, { state: "reconnecting" });
  await redis.publishWithSnapshot(job, progress(800, { is_complete: true }));
  await service.start();
  await widget.shows(connection, { state: "completed", count: "810" });
  await widget.shows(connection, { state: "idle" });
  assert.equal((await heard(page, "sync-complete")).length, 1);
});

scenario("a browser that is offline says so, and goes on when it is back", { expected: [CUT_OFF] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });

  await page.context().setOffline(true);
  await widget.shows(connection, { state: "offline", count: "110" });
  await redis.publishWithSnapshot(job, progress(600));
  await page.context().setOffline(false);
  await widget.shows(connection, { state: "syncing", count: "610" });
});

scenario("a Redis that crashes in mid-sync is missed by nobody", { expected: [UNAVAILABLE] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });

  await redis.kill();
  await redis.start();
  await redis.publishWithSnapshot(job, progress(300));
  await widget.shows(connection, { state: "syncing", count: "310" });
  await redis.publish(job, progress(1000, { is_complete: true }));
  await widget.shows(connection, { state: "completed", count: "1,010" });
  await widget.shows(connection, { state: "idle" });
  assert.ok(service.isAlive);
  assert.equal(await page.locator("#news").textContent(), "1,010 items are ready to search.");
});
