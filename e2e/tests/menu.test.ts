// A row's menu, by mouse and keyboard, and where the focus goes.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import type { Page } from "playwright-core";
import { replaceMainScript } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { progress } from "../support/progress.js";
import { scenario, type World } from "../support/scenario.js";

type Name = "sync" | "reconnect" | "delete";

/** What the host page was asked for, in order. */
async function asked(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { asked?: string[] }).asked ?? []);
}

/** Opens a page whose host can do what is named, with a session of this mode. */
async function openWith({ page, url, service, collection, widget }: World, names: Name[], mode = "all"): Promise<void> {
  await replaceMainScript(page, 'import "/connect-widget/index.js";');
  await page.goto(url);
  const sessionToken = await service.createSession(collection, 600, mode);
  await widget.element.evaluate(
    (element: ConnectWidgetElement, { names, sessionToken }) => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      element.actions = Object.fromEntries(names.map((name) => [name, (id: string) => void asked.push(`${name} ${id}`)]));
      element.sessionToken = sessionToken;
    },
    { names, sessionToken },
  );
}

/** What has the focus inside of the widget: its text, else its name. */
async function focused({ widget }: World): Promise<string> {
  return widget.element.evaluate((element) => {
    const active = element.shadowRoot?.activeElement;
    return active?.getAttribute("aria-label") ?? active?.textContent.trim() ?? "";
  });
}

async function hasFocus(world: World, expected: string): Promise<void> {
  await eventually(async () => {
    assert.equal(await focused(world), expected);
  });
}

async function press(world: World, keys: Record<string, string>): Promise<void> {
  for (const [key, expected] of Object.entries(keys)) {
    await world.page.keyboard.press(key.replace(/ .*/, ""));
    await hasFocus(world, expected);
  }
}

scenario("the menu is walked through by keyboard, and gives the focus back to its button", {}, async (world) => {
  const { page, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  await openWith(world, ["sync", "reconnect", "delete"]);
  await widget.shows(connection, { state: "idle" });
  const menu = widget.element.getByRole("menu", { name: "Actions for Wiki" });
  await page.evaluate(() => {
    document.querySelector("connect-widget")?.shadowRoot?.querySelector<HTMLElement>("[part=menu-button]")?.focus();
  });
  await press(world, {
    Enter: "Sync again",
    ArrowDown: "Reconnect",
    "ArrowDown again": "Delete",
    "ArrowDown from the last": "Sync again",
    ArrowUp: "Delete",
    Home: "Sync again",
    End: "Delete",
    Escape: "Actions for Wiki",
  });
  await menu.waitFor({ state: "hidden" });
  await press(world, { ArrowDown: "Sync again", "Escape again": "Actions for Wiki", ArrowUp: "Delete" });
  await page.keyboard.press("Tab");
  await menu.waitFor({ state: "hidden" });
  assert.equal(await focused(world), "", "the key goes on from the button");
  assert.deepEqual(await asked(page), []);
});

scenario("deleting is asked about, and the focus goes to the row that takes the place", {}, async (world) => {
  const { page, service, collection, widget } = world;
  const [first, second] = [await service.createConnection(collection, "First"), await service.createConnection(collection, "Second")];
  await openWith(world, ["sync", "delete"]);
  await widget.shows(second, { name: "Second" });
  const [top = "", bottom = ""] = await widget.names();
  const topId = top === "First" ? first : second;
  await widget.element.getByRole("button", { name: `Actions for ${top}` }).click();
  await hasFocus(world, "Sync again");
  await press(world, { End: "Delete", Enter: "Cancel", "Enter to cancel": `Actions for ${top}` });
  assert.deepEqual(await asked(page), []);

  await press(world, { ArrowUp: "Delete", Enter: "Cancel" });
  await widget.element.getByText(`Delete ${top}?`).waitFor();
  await press(world, { ArrowDown: "Delete" });
  // The host deletes it: the list that is loaded then has it no more.
  await page.route("**/connect/source-connections", async (route) => {
    const answer = await route.fetch();
    const all = (await answer.json()) as { id: string }[];
    await route.fulfill({ response: answer, json: all.filter(({ id }) => id !== topId) });
  });
  await page.keyboard.press("Enter");
  await eventually(async () => {
    assert.deepEqual(await widget.names(), [bottom]);
  });
  assert.deepEqual(await asked(page), [`delete ${topId}`]);
  await hasFocus(world, `Actions for ${bottom}`);
});

scenario("the focus stays in a row whose sync ends, and goes to the heading from the last row that goes", {}, async (world) => {
  const { page, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await openWith(world, ["delete"]);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { count: "110" });
  await widget.row(connection).locator("summary").focus();
  await redis.publish(job, progress(200, { is_complete: true }));
  await widget.shows(connection, { state: "idle" });
  await hasFocus(world, "Actions for Team chat");

  await widget.element.getByRole("button", { name: "Actions for Team chat" }).click();
  await hasFocus(world, "Delete");
  await page.route("**/connect/source-connections", (route) => route.fulfill({ json: [] }));
  await widget.element.evaluate((element: ConnectWidgetElement) => {
    element.refresh();
  });
  await widget.isIn("empty");
  await hasFocus(world, "Connections");
});

scenario("each session is offered what its mode is for, and a row that syncs is not synced again", {}, async (world) => {
  const { service, collection, widget } = world;
  const idle = await service.createConnection(collection, "Wiki");
  const { connection: syncing } = await service.createSync(collection, "Team chat");
  for (const [mode, ofIdle, ofSyncing] of [
    ["manage", ["Sync again", "Reconnect", "Delete"], ["Reconnect", "Delete"]],
    ["reauth", ["Reconnect"], ["Reconnect"]],
  ] as const) {
    await openWith(world, ["sync", "reconnect", "delete"], mode);
    for (const [connection, expected] of [[idle, ofIdle], [syncing, ofSyncing]] as const) {
      await widget.shows(connection, { state: connection === idle ? "idle" : "syncing" });
      await widget.row(connection).getByRole("button", { name: "Actions for" }).click();
      await eventually(async () => {
        assert.deepEqual(await widget.element.getByRole("menuitem").allTextContents(), expected);
      });
      await world.page.keyboard.press("Escape");
    }
  }
  await openWith(world, []);
  await widget.shows(idle, { state: "idle" });
  assert.equal(await widget.element.getByRole("button").count(), 0);
});

scenario("a sync that has failed can be tried again, and the new one is followed", {}, async (world) => {
  const { page, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await openWith(world, ["sync"]);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(7, { is_failed: true, error: "The quota is used up" }));
  await widget.shows(connection, { state: "error", error: "The quota is used up" });
  const next = await service.createJob(connection);
  await widget.row(connection).getByRole("button", { name: "Try again" }).click();
  await redis.publish(next, progress(32));
  await widget.shows(connection, { state: "syncing", count: "42" });
  assert.deepEqual(await asked(page), [`sync ${connection}`]);
});

scenario("pressing the button again, or anything else, closes the menu", {}, async (world) => {
  const { page, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  await openWith(world, ["sync"]);
  await widget.shows(connection, { state: "idle" });
  const button = widget.element.getByRole("button", { name: "Actions for Wiki" });
  const menu = widget.element.getByRole("menu");
  for (const close of [() => button.click(), () => page.mouse.click(5, 5)]) {
    await button.click();
    await menu.waitFor();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    await close();
    await menu.waitFor({ state: "hidden" });
    await eventually(async () => {
      assert.equal(await button.getAttribute("aria-expanded"), "false");
    });
  }
});
