// More than one widget on a page.
import assert from "node:assert/strict";
import { addWidget } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
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

scenario("thirty widgets on one page change at once, each with its own list", {}, async ({ page, url, service, collection, widget }) => {
  const { connection } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  const token = await service.createSession(collection);
  for (let at = 1; at < 30; at += 1) await addWidget(page, { id: `widget-${String(at)}`, apiUrl: service.url, sessionToken: token });
  for (const title of ["One", "Another"]) {
    await page.evaluate((title) => {
      for (const element of document.querySelectorAll("connect-widget")) element.labels = { title };
    }, title);
    const headings = page.getByRole("heading", { name: title }).and(page.locator("h2"));
    await eventually(async () => {
      assert.equal(await headings.count(), 30);
      assert.equal(await page.locator(`[data-connection-id="${connection}"][data-state=syncing]`).count(), 30);
    });
  }
});
