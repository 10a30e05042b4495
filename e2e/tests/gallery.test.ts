// What each state of each component looks like, in both themes and both directions, and what axe finds there.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test, type TestContext } from "node:test";
import type axe from "axe-core";
import type { Page } from "playwright-core";
import { openPage } from "../support/browser.js";
import { serveFolder } from "../support/folder.js";
import { repositoryPath } from "../support/paths.js";
import { isAsKept } from "../support/picture.js";

const AXE = createRequire(import.meta.url).resolve("axe-core");

/** About a page as a whole, of which the gallery shows many. */
const RULES_OF_PAGES = ["landmark-unique", "heading-order", "page-has-heading-one", "region"];

/** The lists, by the state in which they end up. */
const LISTS = { loading: "loading", empty: "empty", "load-error": "error", expired: "expired", forbidden: "forbidden", list: "ready" };

async function openGallery(t: TestContext): Promise<Page> {
  const url = await serveFolder(t, process.env["GALLERY"] ?? repositoryPath("target/gallery"));
  const { page } = await openPage(t, { viewport: { width: 1500, height: 900 }, colorScheme: "light", reducedMotion: "no-preference" });
  await page.addInitScript({ path: AXE });
  await page.goto(url);
  for (const [name, state] of Object.entries(LISTS)) {
    await page.locator(`#${name} .look:last-child [part~="widget"][data-state="${state}"]`).waitFor();
  }
  await page.locator("html[data-menus=open]").waitFor();
  return page;
}

void test("each state looks as it is kept", { timeout: 300_000 }, async (t) => {
  const page = await openGallery(t);
  const names = await page.locator("figure").evaluateAll((figures) => figures.map(({ id }) => id));
  assert.ok(names.length > 25);
  const others: unknown[] = [];
  for (const name of names) {
    const picture = await page.locator(`#${name} .looks`).screenshot({
      animations: "disabled",
      caret: "hide",
      // The menus of other states may reach into this one.
      style: `figure:not(#${name}) [role="menu"] { visibility: hidden; }`,
    });
    await isAsKept(name, picture).catch((error: unknown) => others.push(error));
  }
  assert.deepEqual(others, []);
});

void test("each state is accessible", { timeout: 300_000 }, async (t) => {
  const page = await openGallery(t);
  const { violations, passes } = await page.evaluate((off) => {
    const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
    return (globalThis as unknown as { axe: typeof axe }).axe.run(".looks", { rules });
  }, RULES_OF_PAGES);
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target, failureSummary })));
  assert.deepEqual(found, []);
  assert.ok(passes.some(({ id }) => id === "color-contrast"));
});
