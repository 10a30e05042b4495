import type { Page } from "playwright-core";

/** Adds a widget at the end of the host page. */
export async function addWidget(page: Page, properties: Record<string, string | boolean>): Promise<void> {
  await page.evaluate((properties) => {
    const element = document.createElement("connect-widget");
    Object.assign(element, properties);
    document.querySelector("main")?.append(element);
  }, properties);
}

/** Puts another script in the place of the host page's own. */
export async function replaceMainScript(page: Page, script: string): Promise<void> {
  await page.route("**/main.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
}
