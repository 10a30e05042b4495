// The texts in the page's language.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import type { Page } from "playwright-core";
import { addWidget } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { scenario } from "../support/scenario.js";
import { Widget } from "../support/widget.js";

const WITHOUT_CHUNK = [/console: Failed to load resource: .* 404/, /console: .*texts-de\.js/];

async function setLanguage(page: Page, lang: string): Promise<void> {
  await page.evaluate((lang) => document.querySelector("connect-widget")?.setAttribute("lang", lang), lang);
}

scenario("the texts follow the language, each downloaded when it is needed", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const { connection } = await service.createSync(collection, "Team chat");
  const chunks: string[] = [];
  page.on("request", (request) => {
    const name = /\/texts-(\w+)\.js$/.exec(request.url())?.[1];
    if (name) chunks.push(name);
  });
  await page.goto(url);
  await widget.shows(connection, { status: "Syncing" });
  assert.deepEqual(chunks, []);
  for (const [lang, status] of [
    ["de-AT", "Wird synchronisiert"],
    ["ja", "同期中"],
    ["ar", "جارٍ المزامنة"],
    ["tlh", "Syncing"],
    ["fr", "Synchronisation"],
    ["es", "Sincronizando"],
  ] as const) {
    await setLanguage(page, lang);
    await widget.shows(connection, { status });
  }
  assert.deepEqual(chunks, ["de", "ja", "ar", "fr", "es"]);
  assert.equal(await service.openStreams(), 1);
});

scenario("numbers of things, and how long ago things were, are told as the language has it", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const counts = [1, 2, 3, 11, 1_000];
  for (const entity_count of counts) await service.createConnection(collection, String(entity_count), { entity_count });
  await page.route("**/connect/source-connections", async (route) => {
    const answer = await route.fetch();
    const all = (await answer.json()) as object[];
    const last_synced_at = new Date(Date.now() - 3 * 3_600_000).toISOString();
    await route.fulfill({ response: answer, json: all.map((connection) => ({ ...connection, last_synced_at })) });
  });
  await page.goto(url);
  const texts = async (part: string) => {
    const rows = counts.map((count) => widget.element.locator('[part="connection"]', { has: page.getByRole("heading", { name: String(count), exact: true }) }));
    return Promise.all(rows.map((row) => row.locator(`[part="${part}"]`).textContent()));
  };
  for (const [lang, expected, ago] of [
    ["en", ["1 entity", "2 entities", "3 entities", "11 entities", "1,000 entities"], "Synced 3 hr. ago"],
    ["de", ["1 Eintrag", "2 Einträge", "3 Einträge", "11 Einträge", "1.000 Einträge"], "Synchronisiert vor 3 Std."],
    ["ar-EG-u-nu-latn", ["عنصر واحد", "عنصران", "3 عناصر", "11 عنصرًا", "1,000 عنصر"], "آخر مزامنة قبل 3 ساعات"],
    ["ja", ["1 件", "2 件", "3 件", "11 件", "1,000 件"], "3 時間前に同期"],
  ] as const) {
    await setLanguage(page, lang);
    await eventually(async () => {
      assert.deepEqual(await texts("count"), expected);
    });
    assert.deepEqual(await texts("note"), Array(counts.length).fill(ago));
  }
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement) => {
    element.lang = "en";
    element.labels = { entities: { one: "{count} file", other: "{count} files" } };
  });
  await eventually(async () => {
    assert.deepEqual((await texts("count")).slice(0, 2), ["1 file", "2 files"]);
  });
});

scenario("the host's own texts have the last word in any language", {}, async ({ page, url, service, collection, widget }) => {
  const { connection } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement) => {
    element.lang = "de";
    element.theme = { labels: { syncing: "Läuft", title: "Meine Quellen" } };
    element.labels = { syncing: "Läuft gerade" };
  });
  await widget.shows(connection, { status: "Läuft gerade" });
  await widget.element.getByRole("heading", { name: "Meine Quellen" }).waitFor();
});

scenario("a language that cannot be had is English", { expected: WITHOUT_CHUNK }, async ({ page, url, service }) => {
  const { connection } = await service.createSync("another", "Team chat");
  await page.route("**/texts-de.js", (route) => route.fulfill({ status: 404 }));
  await page.goto(url);
  const sessionToken = await service.createSession("another");
  await addWidget(page, { id: "german", lang: "de", apiUrl: service.url, sessionToken });
  await new Widget(page, "#german").shows(connection, { status: "Syncing" });
});
