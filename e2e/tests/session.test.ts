// Session tokens that end.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import { addWidget, replaceMainScript } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { heard, hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

/** What Chromium itself says about a token that is refused. */
const REFUSED = /console: Failed to load resource: .* 401/;

const ONLY_DEFINE = 'import "/connect-widget/index.js";';

scenario("a session that expires is renewed by the host, and the sync goes on", { sessionSeconds: 2, expected: [REFUSED] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/session")) asked += 1;
  });
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });
  await eventually(() => {
    assert.ok(asked > 1, "the host is asked for another token");
  });
  await redis.publishWithSnapshot(job, progress(200));
  await widget.shows(connection, { state: "syncing", count: "210" });
  await redis.publishWithSnapshot(job, progress(300, { is_complete: true }));
  await widget.shows(connection, { state: "completed", count: "310" });
  assert.deepEqual(await heard(page, "sync-error"), []);
});

scenario("a session that expires and cannot be renewed is said to have expired", { expected: [REFUSED] }, async (world) => {
  const { page, url, service, collection, widget } = world;
  const { connection } = await service.createSync(collection, "Team chat");
  await replaceMainScript(page, ONLY_DEFINE);
  await page.goto(url);
  const token = await service.createSession(collection, 2);
  await page.evaluate((token) => document.querySelector("connect-widget")?.setAttribute("session-token", token), token);
  await widget.shows(connection, { state: "syncing" });
  await widget.isIn("expired");
  await hears(page, "status-change", ({ detail }) => detail["status"] === "expired");

  // A new token from the host brings it back.
  const next = await service.createSession(collection);
  await page.evaluate((token) => document.querySelector("connect-widget")?.setAttribute("session-token", token), next);
  await widget.shows(connection, { state: "syncing" });
});

scenario("a host that never answers for a token is not waited for without end", {}, async ({ page, url, service, collection, widget }) => {
  const connection = await service.createConnection(collection, "Wiki");
  const token = await service.createSession(collection);
  await replaceMainScript(page, ONLY_DEFINE);
  await page.clock.install();
  await page.goto(url);
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement) => {
    element.getSessionToken = () => new Promise(() => undefined);
  });
  await widget.isIn("loading");
  await page.clock.fastForward(31_000);
  await widget.isIn("error");

  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement, token) => {
    element.getSessionToken = () => Promise.resolve(token);
  }, token);
  await page.getByRole("button", { name: "Try again" }).click();
  await widget.shows(connection, { name: "Wiki" });
});

scenario("a token that nobody signed is refused", { expected: [REFUSED] }, async ({ page, url, service, widget }) => {
  await replaceMainScript(page, `${ONLY_DEFINE} document.querySelector("connect-widget").remove();`);
  await page.goto(url);
  await addWidget(page, { apiUrl: service.url, sessionToken: "e30.AAAA" });
  await widget.isIn("expired");
});
