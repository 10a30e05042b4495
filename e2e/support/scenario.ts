import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { openPage } from "./browser.js";
import { listen } from "./heard.js";
import { plainServer, startHostPage, type HostServer } from "./host-page.js";
import { freePort } from "./port.js";
import { Redis } from "./redis.js";
import { Service } from "./service.js";
import { Widget } from "./widget.js";

/** What a scenario plays in: real processes of its own and a page, none of it shared with another scenario. */
export interface World {
  redis: Redis;
  service: Service;
  /** The collection of the end user who is signed in to the host page. */
  collection: string;
  page: Page;
  /** The host page's address; scenarios open it when they have set the scene. */
  url: string;
  widget: Widget;
  /** All problems that the page has had. */
  problems: string[];
  /** Writes something down beside the test's result. */
  note: (text: string) => void;
}

export interface ScenarioOptions {
  /** The host's server: the plain HTML example's, if not given. */
  server?: HostServer;
  /** How long session tokens of the host page live. */
  sessionSeconds?: number;
  /** Problems that belong to the scenario. Any other fails it. */
  expected?: RegExp[];
  /** What the browser says of itself, and how large its window is. */
  browser?: Parameters<typeof openPage>[1];
}

/** A test with a world of its own that fails on any problem in the page, too. */
export function scenario(name: string, options: ScenarioOptions, play: (world: World) => Promise<void>): void {
  void test(name, { timeout: 120_000 }, async (t) => {
    const { page, problems, assertNoProblemsBut } = await openPage(t, options.browser);
    await listen(page);
    await play({ ...(await startParts(t, options)), page, problems, widget: new Widget(page), note: (text) => { t.diagnostic(text); } });
    assertNoProblemsBut(options.expected ?? []);
  });
}

async function startParts(t: TestContext, { server = plainServer(), sessionSeconds = 600 }: ScenarioOptions) {
  const collection = `collection-${randomUUID()}`;
  const redis = await Redis.start(t);
  const port = await freePort();
  const service = await Service.start(t, redis, [`http://127.0.0.1:${port}`]);
  const url = await startHostPage(t, service, server, { port, collection, sessionSeconds });
  return { redis, service, collection, url };
}
