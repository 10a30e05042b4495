// Tabs and widgets of one session, and tabs that nobody sees.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { addWidget, replaceMainScript } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";
import type { Service } from "../support/service.js";
import { Widget } from "../support/widget.js";

/** What is put on a host page of its own for each widget. */
type Properties = Record<string, string | boolean>;

/** Opens the host page with one widget of these properties, in place of its own. */
async function openWidget(page: Page, url: string, properties: Properties): Promise<Widget> {
  await replaceMainScript(page, 'import "/connect-widget/index.js"; document.querySelector("connect-widget").remove();');
  await page.goto(url);
  await addWidget(page, { id: "first", ...properties });
  return new Widget(page, "#first");
}

async function hasStreams(service: Service, count: number): Promise<void> {
  await eventually(async () => {
    assert.equal(await service.openStreams(), count);
  });
}

/** Makes a page believe that it is seen, or not. */
async function show(page: Page, state: "visible" | "hidden"): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);
}

scenario("tabs of a session share a stream, and go on with it when the one that holds it is closed", {}, async (world) => {
  const { page, url, redis, service, collection } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const leader = await page.context().newPage();
  const led = await openWidget(leader, url, properties);
  await led.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(1));
  await led.shows(connection, { count: "11" });

  const widget = await openWidget(page, url, properties);
  // What came before it did.
  await widget.shows(connection, { state: "syncing", count: "11" });
  await redis.publish(job, progress(2));
  for (const each of [led, widget]) await each.shows(connection, { count: "12" });
  assert.equal(await service.openStreams(), 1);

  await leader.close();
  await redis.publish(job, progress(3));
  await widget.shows(connection, { state: "syncing", count: "13" });
  await hasStreams(service, 1);
  await redis.publish(job, progress(4, { is_complete: true }));
  await widget.shows(connection, { state: "idle" });
  await hasStreams(service, 0);
});

scenario("when the tab that holds the stream crashes, another one goes on with it", {}, async (world) => {
  const { page, url, redis, service, collection } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const leader = await page.context().newPage();
  const led = await openWidget(leader, url, properties);
  await redis.publish(job, progress(1));
  await led.shows(connection, { count: "11" });
  const widget = await openWidget(page, url, properties);
  await widget.shows(connection, { count: "11" });
  assert.equal(await service.openStreams(), 1);

  const browser = await page.context().newCDPSession(leader);
  const crashed = leader.waitForEvent("crash");
  // Nobody is left to answer.
  void browser.send("Page.crash").catch(() => undefined);
  await crashed;
  await redis.publish(job, progress(2));
  await widget.shows(connection, { state: "syncing", count: "12" });
  await hasStreams(service, 1);
});

scenario("several syncs on one stream are handed over as they stand", {}, async ({ page, url, redis, service, collection }) => {
  const names = Array.from({ length: 5 }, (_, at) => `Source ${at}`);
  const syncs = await Promise.all(names.map((name) => service.createSync(collection, name)));
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const first = await openWidget(page, url, properties);
  for (const [at, { job, connection }] of syncs.entries()) {
    await first.shows(connection, { state: "syncing" });
    await redis.publish(job, progress(at));
    await first.shows(connection, { count: String(10 + at) });
  }
  await addWidget(page, { id: "second", ...properties });
  const second = new Widget(page, "#second");
  for (const [at, { connection }] of syncs.entries()) await second.shows(connection, { count: String(10 + at) });
  assert.equal(await service.openStreams(), 1);

  await first.element.evaluate((element) => {
    element.remove();
  });
  for (const [at, { job, connection }] of syncs.entries()) {
    await second.shows(connection, { state: "syncing" });
    await redis.publish(job, progress(90 + at));
    await second.shows(connection, { count: String(100 + at) });
  }
  await hasStreams(service, 1);
});

scenario("sessions do not mix, and who wants to be alone is", {}, async ({ page, url, redis, service, collection }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const widgets = [await openWidget(page, url, properties)];
  const others = [{ sessionToken: await service.createSession(collection) }, { alone: true }];
  for (const [at, other] of others.entries()) {
    await addWidget(page, { id: `other-${at}`, ...properties, ...other });
    widgets.push(new Widget(page, `#other-${at}`));
  }
  for (const widget of widgets) await widget.shows(connection, { state: "syncing" });
  await hasStreams(service, 3);
  await redis.publish(job, progress(1));
  for (const widget of widgets) await widget.shows(connection, { count: "11" });
});

scenario("a tab that is frozen does not keep a stream from the others", {}, async ({ page, url, redis, service, collection }) => {
  const { connection, job } = await service.createSync(collection, "Team chat");
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const widget = await openWidget(page, url, properties);
  // Holds the lock and says nothing.
  await page.evaluate(async (name) => {
    await new Promise<void>((isHeld) => {
      const hold = () => {
        isHeld();
        return new Promise(() => undefined);
      };
      void navigator.locks.request(name, { steal: true }, hold).catch(() => undefined);
    });
  }, await lockName(page));
  await redis.publish(job, progress(1));
  await widget.shows(connection, { state: "syncing", count: "11" });
});

/** The name of the only lock that is held. */
async function lockName(page: Page): Promise<string> {
  return eventually(async () => {
    const name = await page.evaluate(async () => (await navigator.locks.query()).held?.[0]?.name);
    assert.ok(name, "no lock is held");
    return name;
  });
}

scenario("a page that was hidden for a minute has no stream, and catches up when it is seen", {}, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.clock.install();
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await show(page, "hidden");
  await redis.publish(job, progress(1));
  await widget.shows(connection, { count: "11" });
  await page.clock.fastForward(70_000);
  await hasStreams(service, 0);
  await service.publish(job, progress(2));
  await show(page, "visible");
  await widget.shows(connection, { state: "syncing", count: "12" });
  await hasStreams(service, 1);
});

scenario("a page that was left has no stream, and catches up when it is come back to", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await hasStreams(service, 1);
  const turn = async (name: string) => {
    await page.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), name);
  };
  await turn("pagehide");
  await hasStreams(service, 0);
  await service.publish(job, progress(2));
  await turn("pageshow");
  await widget.shows(connection, { state: "syncing", count: "12" });
});
