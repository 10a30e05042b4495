// A widget whose own code stops on an error.
import assert from "node:assert/strict";
import type { ConnectWidgetElement } from "connect-widget";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.js";
import { heard, hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

/** What a panic is in a browser: a trap. */
const TRAP = /uncaught: unreachable|console: .*unreachable/;

/** A wasm whose `trap` does nothing else. */
const TRAPPING = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07, 0x08, 0x01, 0x04,
  0x74, 0x72, 0x61, 0x70, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
];

/** Makes the widget's wasm trap in its next call, whenever the page says so. */
async function makeItTrap(page: Page): Promise<void> {
  await page.addInitScript((bytes) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (module: WebAssembly.Module, imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>;
    const trapping = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
      const instance = await instantiate(module, imports);
      const watched = Object.entries(instance.exports).map(([name, value]) => [
        name,
        typeof value !== "function"
          ? value
          : (...args: unknown[]): unknown => {
              if (Reflect.get(globalThis, "traps") === true) {
                Reflect.set(globalThis, "traps", false);
                (exports["trap"] as () => void)();
              }
              return (value as (...args: unknown[]) => unknown)(...args);
            },
      ]);
      return { exports: Object.fromEntries(watched) as WebAssembly.Exports };
    };
    Object.assign(WebAssembly, { instantiate: trapping });
  }, TRAPPING);
}

async function trap(page: Page): Promise<void> {
  await page.evaluate(() => {
    Reflect.set(globalThis, "traps", true);
  });
}

scenario("a widget that panics says so and is started anew, with its syncs", { expected: [TRAP] }, async (world) => {
  const { page, url, redis, service, collection, widget } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await makeItTrap(page);
  await page.goto(url);
  await redis.publish(job, progress(1));
  await widget.shows(connection, { state: "syncing", count: "11" });

  await trap(page);
  await redis.publishWithSnapshot(job, progress(2));
  const { detail } = await hears(page, "connect-error");
  assert.equal(detail["cause"], "panicked");
  await widget.shows(connection, { state: "syncing", count: "12" });
  await redis.publishWithSnapshot(job, progress(3, { status: "completed" }));
  await hears(page, "sync-complete");
});

scenario("a widget that panics again and again gives way to its fallback", { expected: [TRAP] }, async (world) => {
  const { page, url, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  await makeItTrap(page);
  await page.goto(url);
  for (let panics = 1; panics <= 4; panics += 1) {
    await widget.shows(connection, { name: "Wiki" });
    await trap(page);
    await assert.rejects(
      widget.element.evaluate((element: ConnectWidgetElement) => {
        element.refresh();
      }),
      /unreachable/,
    );
    await eventually(async () => {
      assert.equal((await heard(page, "connect-error")).length, panics);
    });
  }
  await page.getByText("Your sources will appear here.").waitFor();
});
