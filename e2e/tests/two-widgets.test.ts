// More than one widget on a page.
import assert from "node:assert/strict";
import { addWidget } from "../support/elements.js";
import { heard } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";
import { Widget } from "../support/widget.js";

scenario("two collections on one page do not mix", {}, async ({ page, url, redis, service, collection, widget }) => {
  const mine = await service.createSync(collection, "Team chat");
  const other = await service.createSync("another-collection", "Their mail");
  await page.goto(url);
  await widget.shows(mine.connection, { state: "syncing" });
  const token = await service.createSession("another-collection");
  await addWidget(page, { id: "second", apiUrl: service.url, sessionToken: token });
  const first = new Widget(page, "connect-widget:not(#second)");
  const second = new Widget(page, "#second");
  await second.shows(other.connection, { state: "syncing" });

  await redis.publish(mine.job, progress(1));
  await redis.publish(other.job, progress(500));
  await first.shows(mine.connection, { count: "11" });
  await second.shows(other.connection, { count: "510" });
  assert.deepEqual([await first.names(), await second.names()], [["Team chat"], ["Their mail"]]);
  const from = (await heard(page, "sync-progress")).map((event) => [event.from, event.detail["connectionId"]]);
  for (const [id, connection] of from) assert.equal(connection, id === "second" ? other.connection : mine.connection);
});
