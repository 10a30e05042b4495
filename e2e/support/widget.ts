import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { eventually, PATIENCE_MILLIS } from "./eventually.js";

/** What a person sees of one connection: only what is given is compared. */
export interface RowView {
  state?: string;
  name?: string;
  status?: string;
  /** The first number in the row's count. */
  count?: string;
  error?: string;
}

/** A widget in a page. */
export class Widget {
  readonly element: Locator;

  constructor(page: Page, selector = "connect-widget") {
    this.element = page.locator(selector);
  }

  /** Waits until the widget as a whole is in a state. */
  async isIn(state: string): Promise<void> {
    await this.element.locator(`[part~="widget"][data-state="${state}"]`).waitFor({ timeout: PATIENCE_MILLIS });
  }

  /** Waits until a connection's row shows at least what is given. */
  async shows(connection: string, expected: RowView): Promise<void> {
    const names = Object.keys(expected) as (keyof RowView)[];
    await eventually(async () => {
      const view = await viewOf(this.row(connection));
      assert.deepEqual(Object.fromEntries(names.map((name) => [name, view[name]])), expected);
    });
  }

  row(connection: string): Locator {
    return this.element.locator(`[part~="connection"][data-connection-id="${connection}"]`);
  }

  /** The names of all connections that are shown, from top to bottom. */
  async names(): Promise<string[]> {
    return this.element.locator('[part~="connection"] [part~="name"]').allTextContents();
  }
}

async function viewOf(row: Locator): Promise<RowView> {
  assert.equal(await row.count(), 1, "the row is not there, or not once");
  return row.evaluate((element) => {
    const view: RowView = { state: element.getAttribute("data-state") ?? "" };
    for (const part of ["name", "status", "count", "error"] as const) {
      const text = element.querySelector(`[part~="${part}"]`)?.textContent.trim();
      if (text) view[part] = part === "count" ? (/[\d,]+/.exec(text)?.[0] ?? text) : text;
    }
    return view;
  });
}
