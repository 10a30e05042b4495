// Jobs that do not end well, and workers that say what nobody understands.
import assert from "node:assert/strict";
import { hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

scenario("a job that fails shows its worker's message, as text", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  const error = `Access was revoked <img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
  await redis.publish(job, progress(7, { is_failed: true, error }));

  await widget.shows(connection, { state: "failed", error });
  const failed = await hears(page, "sync-error");
  assert.deepEqual([failed.detail["connectionId"], failed.detail["message"]], [connection, error]);
  await page.getByText(`A sync needs your attention: ${error}`).waitFor();
  assert.notEqual(await page.title(), "run");
  assert.equal(await page.locator("connect-widget img, connect-widget script, #news img").count(), 0);
});

scenario("a job that was cancelled is shown as such", {}, async ({ page, url, service, collection, widget }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await service.publish(job, progress(7, { status: "cancelled" }));
  await widget.shows(connection, { state: "cancelled" });
  const end = await hears(page, "sync-complete");
  assert.equal((end.detail["progress"] as { status: string }).status, "cancelled");
  await page.getByText("A sync was cancelled.").waitFor();
});

scenario("messages that are no progress change nothing, and the next good one is shown", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(10));
  await widget.shows(connection, { count: "20" });
  for (const bad of ["no JSON", "[]", '"text"', `{"error":"${"x".repeat(100_000)}"`]) await redis.publish(job, bad);
  await redis.publish(job, '{"inserted":31,"kept":10,"unknown":{"a":[1]},"is_complete":false}');
  await widget.shows(connection, { state: "syncing", count: "41" });
});
