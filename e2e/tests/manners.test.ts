// How the element behaves among other elements.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import type { Page } from "playwright-core";
import { addWidget, replaceMainScript } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";
import { Widget } from "../support/widget.js";

/** The host page with a script that defines the element only when it is told to. */
async function openUndefined(page: Page, url: string): Promise<void> {
  await replaceMainScript(page, 'addEventListener("define", () => import("/connect-widget/index.js"));');
  await page.goto(url);
}

async function define(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event("define")));
  await page.waitForFunction(() => customElements.get("connect-widget") !== undefined);
}

scenario("properties that were set before the element was defined are kept", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  const token = await service.createSession(collection);
  await openUndefined(page, url);
  await page.evaluate((token) => {
    const early = { getSessionToken: () => Promise.resolve(token), theme: "dark", labels: { title: "Early" } };
    Object.assign(document.querySelector("connect-widget") ?? {}, early);
  }, token);
  await define(page);
  await widget.shows(connection, { name: "Wiki" });
  await page.locator("connect-widget").getByText("Early").waitFor();
  assert.equal(await page.locator("connect-widget").getAttribute("theme"), "dark");
});

scenario("its content stands until there is a session", {}, async ({ page, url, service, collection, widget }) => {
  const connection = await service.createConnection(collection, "Wiki");
  await openUndefined(page, url);
  const fallback = page.getByText("Your sources will appear here.");
  await fallback.waitFor();
  await define(page);
  assert.ok(await fallback.isVisible());
  const token = await service.createSession(collection);
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement, token) => {
    element.sessionToken = token;
  }, token);
  await widget.shows(connection, { name: "Wiki" });
  assert.ok(!(await fallback.isVisible()));
  assert.equal(await page.locator("connect-widget").getAttribute("session-token"), null, "the token is not in the DOM");
});

scenario("a closable widget has a button, and says why it was pressed", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  await page.goto(url);
  await widget.shows(connection, { name: "Wiki" });
  const button = page.getByRole("button", { name: "Close" });
  assert.equal(await button.count(), 0, "there is none unless asked for");
  const reason = page.locator("connect-widget").evaluate(
    (element: ConnectWidgetElement) =>
      new Promise<string>((resolve) => {
        element.addEventListener("close", (event) => {
          resolve(event.detail.reason);
        });
        element.closable = true;
      }),
  );
  await button.click();
  assert.equal(await reason, "cancel");
});

scenario("a widget that cannot show its list is closed for that reason", { expected: [/status of 401/] }, async ({ page, url, service }) => {
  await page.goto(url);
  await addWidget(page, { id: "expired", apiUrl: service.url, sessionToken: "e30.AAAA" });
  const expired = new Widget(page, "#expired");
  await expired.isIn("expired");
  await expired.element.evaluate((element) => {
    element.setAttribute("closable", "");
  });
  await expired.element.getByRole("button", { name: "Close" }).click();
  const { from, detail } = await hears(page, "close");
  assert.deepEqual([from, detail], ["expired", { reason: "error" }]);
});

scenario("moving the element keeps its streams, removing it ends them", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  let streams = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/subscribe") && request.method() === "GET") streams += 1;
  });
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(1));
  await widget.shows(connection, { count: "11" });

  await page.evaluate(() => {
    const widget = document.querySelector("connect-widget");
    const aside = document.createElement("aside");
    document.body.append(aside);
    if (widget) aside.append(widget);
  });
  await redis.publish(job, progress(2));
  await widget.shows(connection, { count: "12" });
  assert.equal(streams, 1);
  assert.equal(await service.openStreams(), 1);

  await page.locator("connect-widget").evaluate((element) => {
    element.remove();
  });
  await eventually(async () => {
    assert.equal(await service.openStreams(), 0);
  });
});

scenario("an element that was removed can come back", {}, async ({ page, url, service, collection, widget }) => {
  const { connection } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  const element = await page.waitForSelector("connect-widget");
  await element.evaluate((element) => {
    element.remove();
  });
  await eventually(async () => {
    assert.equal(await service.openStreams(), 0);
  });
  await element.evaluate((element) => document.querySelector("main")?.append(element));
  await widget.shows(connection, { state: "syncing" });
  await eventually(async () => {
    assert.equal(await service.openStreams(), 1);
  });
});

scenario("a theme and a language that change take effect, and the stream goes on", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(1234));
  await widget.shows(connection, { count: "1,244" });

  const background = () =>
    page.locator('connect-widget [part~="widget"]').evaluate((root) => getComputedStyle(root).backgroundColor);
  const colors: string[] = [];
  for (const theme of ["light", "dark"]) {
    await page.evaluate((theme) => document.querySelector("connect-widget")?.setAttribute("theme", theme), theme);
    const before = colors.at(-1);
    colors.push(
      await eventually(async () => {
        const color = await background();
        assert.notEqual(color, before);
        return color;
      }),
    );
  }
  await page.evaluate(() => document.querySelector("connect-widget")?.setAttribute("lang", "de"));
  await page.locator("connect-widget").getByText("1.244").waitFor();
  await page.locator("connect-widget").evaluate((element: ConnectWidgetElement) => {
    element.theme = { mode: "light", colors: { light: { background: "#123456" } } };
  });
  await eventually(async () => {
    assert.equal(await background(), "rgb(18, 52, 86)");
  });
  assert.equal(await service.openStreams(), 1);
});

scenario("the page's own style sheet reaches it by custom properties and parts", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  const css = "connect-widget { --connect-background: #123456 } connect-widget::part(title) { color: #abcdef }";
  await page.route("**/page.css", (route) => route.fulfill({ contentType: "text/css", body: css }));
  await page.goto(url);
  await widget.shows(connection, { name: "Wiki" });
  const colors = await page.locator('connect-widget [part~="widget"]').evaluate((root) => {
    const title = root.querySelector('[part~="title"]') ?? root;
    return [getComputedStyle(root).backgroundColor, getComputedStyle(title).color];
  });
  assert.deepEqual(colors, ["rgb(18, 52, 86)", "rgb(171, 205, 239)"]);
});

scenario("getters fall back where an attribute says nothing sensible", {}, async ({ page, url }) => {
  await page.goto(url);
  const seen = await page.evaluate(() => {
    const element = document.createElement("connect-widget");
    element.setAttribute("theme", "midnight");
    return [element.theme, element.apiUrl, element.sessionToken, element.wasmUrl, typeof element.getSessionToken];
  });
  assert.deepEqual(seen, ["system", "", "", "", "undefined"]);
});

scenario("calls that come before the widget has started are kept", {}, async ({ page, url, service, collection }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  await service.publish(job, progress(1));
  await openUndefined(page, url);
  await define(page);
  const token = await service.createSession(collection);
  await page.evaluate(
    ({ token, connection }) => {
      const element = document.querySelector("connect-widget");
      if (!element) throw new Error("the page has no widget");
      element.unsubscribe(connection);
      element.subscribe(connection);
      element.refresh();
      element.sessionToken = token;
    },
    { token, connection },
  );
  await hears(page, "sync-progress", ({ detail }) => detail["connectionId"] === connection);
});

scenario("an element that moves to another document is drawn there, styles and all", {}, async ({ page, url, service, collection, widget }) => {
  const connection = await service.createConnection(collection, "Wiki");
  await page.goto(url);
  await widget.shows(connection, { name: "Wiki" });
  await page.evaluate(() => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const element = document.querySelector("connect-widget");
    if (element) frame.contentDocument?.body.append(element);
  });
  const moved = page.frameLocator("iframe").locator("connect-widget");
  await moved.locator(`[data-connection-id="${connection}"]`).waitFor();
  const [display, sheets] = await moved.evaluate((element) => {
    const list = element.shadowRoot?.querySelector("[part~=list]");
    return [list && getComputedStyle(list).listStyleType, element.shadowRoot?.adoptedStyleSheets.length];
  });
  assert.deepEqual([display, sheets], ["none", 1]);
});
