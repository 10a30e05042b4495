// Pictures for people to look at, in e2e/results/screenshots.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { openPage } from "../support/browser.js";
import { startDemo } from "../support/demo.js";
import { addWidget } from "../support/elements.js";
import { PICTURES } from "../support/paths.js";
import { progress } from "../support/progress.js";
import { scenario, type World } from "../support/scenario.js";
import { Widget } from "../support/widget.js";

const ANYTHING = [/.*/];
const SHARP: BrowserContextOptions = { deviceScaleFactor: 2, viewport: { width: 900, height: 800 } };
const SCHEMES = ["light", "dark"] as const;

await mkdir(PICTURES, { recursive: true });

async function save(what: Page | Locator, name: string): Promise<void> {
  await what.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** Connections in every state that lasts. Gives the ids of two that sync. */
async function setScene({ service, collection, page, url, widget }: World): Promise<string[]> {
  const chat = await service.createSync(collection, "Team chat");
  const drive = await service.createSync(collection, "Shared drive", { short_name: "google_drive" });
  const mail = await service.createSync(collection, "Mail archive of the whole support department", { short_name: "gmail" });
  const tickets = await service.createSync(collection, "Tickets", { short_name: "jira" });
  await service.createConnection(collection, "Wiki", { short_name: "confluence", entity_count: 12_840 });
  await service.createConnection(collection, "Calendar", { short_name: "outlook_calendar", status: "pending_auth" });
  await service.createConnection(collection, "Old forum", { short_name: "postgresql", status: "inactive", entity_count: 311 });
  await page.goto(url);
  for (const { connection } of [chat, drive, mail, tickets]) await widget.shows(connection, { state: "syncing" });
  await service.publish(chat.job, progress(4_182, { updated: 73, kept: 960 }));
  await service.publish(drive.job, progress(880, { total: 1_500 }));
  await service.publish(mail.job, progress(17, { is_failed: true, error: "Access was revoked: connect the mailbox again." }));
  await widget.shows(chat.connection, { count: "5,215" });
  await widget.shows(drive.connection, { count: "890" });
  await widget.shows(mail.connection, { state: "failed" });
  return [chat.connection, drive.connection];
}

for (const colorScheme of SCHEMES) {
  const browser = { ...SHARP, colorScheme };
  scenario(`the list, ${colorScheme}`, { expected: ANYTHING, browser }, async (world) => {
    const { page, service, widget } = world;
    const syncing = await setScene(world);
    await save(page, `host-page-${colorScheme}`);
    await save(widget.element, `list-${colorScheme}`);

    await widget.element.locator('[part~="summary"]').first().click();
    await save(widget.element, `details-${colorScheme}`);
    await widget.element.evaluate((element) => {
      Object.assign(element, { lang: "ar", dir: "rtl" });
    });
    await widget.element.getByRole("heading", { name: "الاتصالات" }).waitFor();
    await save(widget.element, `details-arabic-${colorScheme}`);
    await widget.element.evaluate((element) => {
      Object.assign(element, { lang: "", dir: "" });
    });
    await widget.element.locator('[part~="summary"]').first().click();

    await page.setViewportSize({ width: 272, height: 1000 });
    await save(widget.element, `narrow-240-${colorScheme}`);
    await page.setViewportSize({ width: 900, height: 800 });

    await service.kill();
    for (const connection of syncing) await widget.shows(connection, { state: "reconnecting" });
    await save(widget.element, `reconnecting-${colorScheme}`);
    await page.context().setOffline(true);
    for (const connection of syncing) await widget.shows(connection, { state: "offline" });
    await save(widget.element, `offline-${colorScheme}`);
  });

  scenario(`the ends of a sync, ${colorScheme}`, { expected: ANYTHING, browser }, async (world) => {
    const { page, url, service, collection, widget } = world;
    const ends = {
      completed: { status: "completed" },
      failed: { status: "failed", error: "The source answered 500 to each of the last 20 requests." },
      cancelled: { status: "cancelled" },
    };
    const syncs: { connection: string; job: string }[] = [];
    for (const state of Object.keys(ends)) syncs.push(await service.createSync(collection, `Team chat, ${state}`));
    await page.goto(url);
    for (const { connection } of syncs) await widget.shows(connection, { state: "syncing" });
    await save(widget.element, `waiting-${colorScheme}`);
    await Promise.all(
      Object.values(ends).map((end, index) => service.publish(syncs[index]?.job ?? "", progress(1_234, end))),
    );
    for (const [index, state] of Object.keys(ends).entries()) await widget.shows(syncs[index]?.connection ?? "", { state });
    await save(widget.element, `ends-${colorScheme}`);
    for (const { connection } of syncs) await widget.row(connection).locator('[part~="progress"]').waitFor({ state: "detached" });
    await save(widget.element, `after-the-ends-${colorScheme}`);
  });

  scenario(`instead of a list, ${colorScheme}`, { expected: ANYTHING, browser }, async (world) => {
    const { page, url, service, widget } = world;
    await page.goto(url);
    await widget.isIn("empty");
    await save(widget.element, `empty-${colorScheme}`);

    await addWidget(page, { id: "expired", apiUrl: service.url, sessionToken: "e30.AAAA" });
    const expired = new Widget(page, "#expired");
    await expired.isIn("expired");
    await save(expired.element, `expired-${colorScheme}`);

    await page.route("**/connect/source-connections", () => undefined);
    await addWidget(page, { id: "loading", apiUrl: service.url, sessionToken: "e30.AAAA" });
    const loading = new Widget(page, "#loading");
    await loading.isIn("loading");
    await save(loading.element, `loading-${colorScheme}`);
    await page.unroute("**/connect/source-connections");

    await service.kill();
    await addWidget(page, { id: "error", apiUrl: service.url, sessionToken: "e30.AAAA" });
    const error = new Widget(page, "#error");
    await error.isIn("error");
    await save(error.element, `error-${colorScheme}`);
  });

  void test(`the demo, ${colorScheme}`, async (t) => {
    const url = await startDemo(t);
    const { page } = await openPage(t, { deviceScaleFactor: 1.5, colorScheme, viewport: { width: 1280, height: 900 } });
    await page.goto(url);
    const progressLines = page.locator("#events .sync-progress");
    await progressLines.nth(1).waitFor();
    await page.locator('[part~="connection"][data-state="syncing"] [part~="count"]').first().waitFor();
    await save(page, `demo-${colorScheme}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await save(page, `demo-phone-${colorScheme}`);
  });
}
