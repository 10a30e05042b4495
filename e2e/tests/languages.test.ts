// The texts in the page's language.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import type { Page } from "playwright-core";
import { addWidget } from "../support/elements.js";
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
