// What stays behind of widgets that have gone.
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { scenario } from "../support/scenario.js";

const CYCLES = 1_000;

/** What a page holds, after all that can go has gone. */
interface Held {
  heapBytes: number;
  listeners: number;
  nodes: number;
  wasmBytes: number;
}

/** Makes the page keep hold of the memory of its wasm, to look at its size. */
async function watchMemory(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (
      module: WebAssembly.Module,
      imports: WebAssembly.Imports,
    ) => Promise<WebAssembly.Instance>;
    const watched = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
      const instance = await instantiate(module, imports);
      const memory = Object.values(instance.exports).find((it) => it instanceof WebAssembly.Memory);
      Object.assign(globalThis, { memory });
      return instance;
    };
    Object.assign(WebAssembly, { instantiate: watched });
  });
}

/** Puts widgets into the page and takes them out again, each once its list is there. */
async function comeAndGo(page: Page, properties: Record<string, string>, cycles: number): Promise<void> {
  await page.evaluate(
    async ({ properties, cycles }) => {
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        const element = document.createElement("connect-widget");
        Object.assign(element, properties);
        await new Promise<void>((resolve) => {
          element.addEventListener("connect-ready", () => {
            resolve();
          });
          document.body.append(element);
        });
        element.remove();
      }
    },
    { properties, cycles },
  );
}

async function held(page: Page, browser: CDPSession): Promise<Held> {
  // Twice: what a finalizer lets go is collected the second time.
  await browser.send("HeapProfiler.collectGarbage");
  await browser.send("HeapProfiler.collectGarbage");
  const { metrics } = await browser.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  const wasmBytes = await page.evaluate(() => (globalThis as unknown as { memory: WebAssembly.Memory }).memory.buffer.byteLength);
  return {
    heapBytes: metric("JSHeapUsedSize"),
    listeners: metric("JSEventListeners"),
    nodes: metric("Nodes"),
    wasmBytes,
  };
}

scenario("a thousand widgets that come and go leave nothing behind", {}, async ({ page, url, service, collection, widget }) => {
  const connection = await service.createConnection(collection, "Wiki");
  await service.createSync(collection, "Team chat");
  await watchMemory(page);
  await page.goto(url);
  await widget.shows(connection, { name: "Wiki" });
  const properties = { apiUrl: service.url, sessionToken: await service.createSession(collection) };
  const browser = await page.context().newCDPSession(page);
  await browser.send("Performance.enable");

  await comeAndGo(page, properties, 20);
  const before = await held(page, browser);
  await comeAndGo(page, properties, CYCLES);
  const after = await held(page, browser);
  const perCycle = (what: keyof Held) => (after[what] - before[what]) / CYCLES;
  const growth = JSON.stringify({ before, after });
  assert.equal(after.wasmBytes, before.wasmBytes, growth);
  assert.ok(perCycle("listeners") < 0.1, growth);
  assert.ok(perCycle("nodes") < 0.1, growth);
  // The page and this test write down what they hear; a widget holds many times as much.
  assert.ok(perCycle("heapBytes") < 1_000, growth);
});
