// The page that docs/deploy.md ends with, while scripts/test-deploy.sh follows it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "../support/browser.js";
import { Widget } from "../support/widget.js";

const { CONNECTION, COUNT } = process.env;

void test("the page shows a sync as it is", async (t) => {
  assert.ok(CONNECTION && COUNT, "CONNECTION and COUNT say what is awaited");
  const { page, assertNoProblemsBut } = await openPage(t, { ignoreHTTPSErrors: true });
  await page.goto("https://localhost:8443/");
  await new Widget(page).shows(CONNECTION, { state: "syncing", count: COUNT });
  assertNoProblemsBut([]);
});
