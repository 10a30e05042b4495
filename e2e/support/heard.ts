import type { Page } from "playwright-core";
import { eventually } from "./eventually.js";

/** An event of the widget, as it reached the document. */
export interface Heard {
  name: string;
  /** The `id` of the element that it came from. */
  from: string;
  detail: Record<string, unknown>;
}

const NAMES = ["connect-ready", "connect-error", "status-change", "sync-progress", "sync-complete", "sync-error", "close"];

/** Makes a page write down each event of its widgets that bubbles up to the document. */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript((names) => {
    const heard: Heard[] = [];
    Object.assign(globalThis, { heard });
    for (const name of names) {
      document.addEventListener(name, (event) => {
        const from = event.target instanceof Element ? event.target.id : "";
        heard.push({ name, from, detail: (event as CustomEvent<Heard["detail"]>).detail });
      });
    }
  }, NAMES);
}

/** All that was heard so far under a name. */
export async function heard(page: Page, name: string): Promise<Heard[]> {
  const all = await page.evaluate(() => (globalThis as unknown as { heard: Heard[] }).heard);
  return all.filter((event) => event.name === name);
}

/** Waits for an event whose detail fits, and gives the first such. */
export async function hears(page: Page, name: string, fits: (event: Heard) => boolean = () => true): Promise<Heard> {
  return eventually(async () => {
    const events = await heard(page, name);
    const event = events.find(fits);
    if (event) return event;
    throw new Error(`no such ${name} was heard: ${JSON.stringify(events)}`);
  });
}
