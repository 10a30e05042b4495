// The Yew app of examples/, which uses the widget crate without the custom element.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "../support/browser.js";
import { eventually } from "../support/eventually.js";
import { serveFolder } from "../support/folder.js";
import { repositoryPath } from "../support/paths.js";
import { freePort } from "../support/port.js";
import { progress } from "../support/progress.js";
import { Redis } from "../support/redis.js";
import { Service } from "../support/service.js";

void test("the Yew app shows the list, and one sync by the hook, and hears of its end", { timeout: 120_000 }, async (t) => {
  const redis = await Redis.start(t);
  const port = await freePort();
  const url = await serveFolder(t, process.env["YEW_APP"] ?? repositoryPath("target/yew-app"), port);
  const service = await Service.start(t, redis, [`http://127.0.0.1:${port}`]);
  const { connection, job } = await service.createSync("acme", "Team chat");
  const token = await service.createSession("acme");
  const { page, assertNoProblemsBut } = await openPage(t);
  await page.goto(`${url}?${String(new URLSearchParams({ api: service.url, token, connection }))}`);
  await page.locator('[part="connection"][data-state="syncing"]').waitFor();
  await redis.publish(job, progress(1_200));
  await eventually(async () => {
    // In its row and by itself.
    assert.deepEqual(await page.locator('[part="count"]').allTextContents(), ["1,210 synced", "1,210 synced"]);
  });
  await redis.publish(job, progress(2_340, { is_complete: true }));
  await page.getByText(`${connection} is up to date.`).waitFor();
  await page.locator('[part="connection"][data-state="idle"]').waitFor();
  await page.getByText("Nothing is synced.").waitFor();
  assertNoProblemsBut([/favicon\.ico/]);
});
