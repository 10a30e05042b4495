// What axe finds in the host page, through the widget's shadow root.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";
import { addWidget } from "../support/elements.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

const AXE = createRequire(import.meta.url).resolve("axe-core");

/** Fails on anything that axe complains of, and if it has not looked into the widget. */
async function isAccessible(page: Page): Promise<void> {
  const { violations, passes } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target, failureSummary })));
  assert.deepEqual(found, []);
  const inside = passes.some(({ nodes }) => nodes.some(({ target }) => target.some((part) => Array.isArray(part))));
  assert.ok(inside, "nothing in a shadow root was looked at");
}

for (const colorScheme of ["light", "dark"] as const) {
  const options = { browser: { colorScheme }, expected: [/status of 401/] };
  scenario(`the page with a widget in each of its states is accessible, ${colorScheme}`, options, async (world) => {
    const { page, url, redis, service, collection, widget } = world;
    await service.createConnection(collection, "Wiki");
    await service.createConnection(collection, "Calendar", { status: "error" });
    const syncing = await service.createSync(collection, "Team chat");
    const failing = await service.createSync(collection, "Mail");
    const completing = await service.createSync(collection, "Files");
    await page.addInitScript({ path: AXE });
    await page.goto(url);
    await redis.publish(syncing.job, progress(100, { total: 500 }));
    await redis.publish(failing.job, progress(5, { status: "failed", error: "The password has changed" }));
    await widget.shows(syncing.connection, { state: "syncing", count: "110" });
    await widget.shows(failing.connection, { state: "failed" });
    await redis.publish(completing.job, progress(100, { is_complete: true }));
    await widget.shows(completing.connection, { state: "completed" });
    await isAccessible(page);

    const others = { expired: "e30.AAAA", empty: await service.createSession("nobody's") };
    for (const [state, sessionToken] of Object.entries(others)) {
      await page.evaluate(() => document.querySelector("connect-widget")?.remove());
      await addWidget(page, { apiUrl: service.url, sessionToken });
      await widget.isIn(state);
      await isAccessible(page);
    }
  });
}
