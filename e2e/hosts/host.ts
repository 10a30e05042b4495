import assert from "node:assert/strict";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { plainServer, type HostServer } from "../support/host-page.js";
import { progress } from "../support/progress.js";
import { scenario, type World } from "../support/scenario.js";
import { buildExample, copyOf } from "./example-app.js";

/** Only these hosts, if any are named. */
const NAMED = (process.env["HOSTS"] ?? "").split(" ").filter(Boolean);

/**
 * Tests that an example shows a live sync with the packed package, and that its own code hears of the end; of one that
 * `isRendered` on its server, also that the element is there before any script.
 */
export function host(name: string, serverOf: (copy: string) => HostServer, isRendered = false): void {
  if (NAMED.length > 0 && !NAMED.includes(name)) return;
  const copy = copyOf(name);
  void test(`${name}: with the packed package its types check and it builds`, { timeout: 600_000 }, async (t) => {
    await buildExample(t, name);
    const installed = await lstat(join(copy, "node_modules/connect-widget"));
    assert.ok(installed.isDirectory(), "not a link into the workspace");
  });
  scenario(`${name}: a sync is shown live, and the host hears of its end`, { server: serverOf(copy) }, playSync);
  if (isRendered) {
    scenario(`${name}: the server renders the element with its content`, { server: serverOf(copy) }, playWithoutScripts);
  }
}

async function playSync({ page, url, redis, service, collection, widget }: World): Promise<void> {
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { name: "Team chat", state: "syncing" });
  await redis.publish(job, progress(100));
  await widget.shows(connection, { state: "syncing", count: "110" });
  await redis.publish(job, progress(1200));
  await widget.shows(connection, { state: "syncing", count: "1,210" });
  await redis.publish(job, progress(2340, { is_complete: true }));
  await widget.shows(connection, { state: "completed", count: "2,350" });
  await page.getByText("2,350 items are ready to search.").waitFor();
}

async function playWithoutScripts({ page, url, widget }: World): Promise<void> {
  await page.route("**/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.goto(url);
  await widget.element.getByText("Your sources will appear here.").waitFor();
  assert.equal(await page.evaluate(() => customElements.get("connect-widget")), undefined);
}

/** The plain HTML example's server with another host's built page. */
export function pageIn(folder: string, trustedTypes?: string): (copy: string) => HostServer {
  return (copy) => plainServer({ folder: join(copy, folder), ...(trustedTypes && { trustedTypes }) });
}

/** Next.js serves its page itself. */
export function nextServer(copy: string): HostServer {
  return { args: [join(copy, "node_modules/next/dist/bin/next"), "start", copy, "--hostname", "127.0.0.1"], ready: /Ready in/ };
}
