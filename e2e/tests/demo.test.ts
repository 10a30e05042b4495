// The demo: one process, no Redis, and a page that is alive at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "../support/browser.js";
import { startDemo } from "../support/demo.js";
import { eventually } from "../support/eventually.js";

void test("the demo shows syncs at once, whose counts grow", { timeout: 60_000 }, async (t) => {
  const url = await startDemo(t);
  const { page, assertNoProblemsBut } = await openPage(t);
  await page.goto(url);
  await eventually(async () => {
    assert.ok((await page.locator('[part~="connection"]').count()) >= 3);
    assert.ok((await page.locator('[part~="connection"][data-state="syncing"]').count()) >= 1);
  });
  const count = () => page.locator('[part~="connection"][data-state="syncing"] [part~="count"]').first().textContent();
  const first = await eventually(async () => numberIn(await count()));
  await eventually(async () => {
    assert.ok(numberIn(await count()) > first);
  });
  await page.locator("#events .sync-progress").first().waitFor();
  assertNoProblemsBut([]);
});

void test("the demo's theme switch changes the page and the widget", { timeout: 60_000 }, async (t) => {
  const url = await startDemo(t);
  const { page, assertNoProblemsBut } = await openPage(t);
  await page.goto(url);
  const widget = page.locator('connect-widget [part~="widget"]');
  await widget.waitFor();
  const colors = () =>
    Promise.all([page.locator("body"), widget].map((each) => each.evaluate((element) => getComputedStyle(element).backgroundColor)));
  await page.getByLabel("Light").check();
  const light = await colors();
  await page.getByLabel("Dark").check();
  await eventually(async () => {
    for (const [index, color] of (await colors()).entries()) assert.notEqual(color, light[index]);
  });
  assertNoProblemsBut([]);
});

void test("the demo's syncs wait for the network, and go on from where they are then", { timeout: 60_000 }, async (t) => {
  const url = await startDemo(t);
  const { page } = await openPage(t);
  await page.goto(url);
  const rows = (state: string) => page.locator(`[part~="connection"][data-state="${state}"]`);
  await rows("syncing").first().waitFor();
  await page.context().setOffline(true);
  await rows("offline").first().waitFor();
  await eventually(async () => {
    assert.equal(await rows("syncing").count(), 0);
  });
  await page.context().setOffline(false);
  await rows("syncing").first().waitFor();
  await eventually(async () => {
    assert.equal(await rows("offline").count(), 0);
  });
});

function numberIn(text: string | null): number {
  const digits = (text ?? "").replaceAll(/\D/g, "");
  assert.notEqual(digits, "", "no number yet");
  return Number(digits);
}
