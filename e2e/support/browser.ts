import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Promise<Browser> | undefined;
after(async () => {
  await (await browser)?.close();
});

/** A page, and all that went wrong in it. */
export interface WatchedPage {
  page: Page;
  /** Console errors, uncaught errors and violations of the content security policy, as text. */
  problems: string[];
  /** Fails on any problem that matches none of the patterns. */
  assertNoProblemsBut: (expected: RegExp[]) => void;
}

/** Opens a blank page in a fresh profile. The scenarios of a file share one browser. */
export async function openPage(t: TestContext, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  browser ??= chromium.launch({
    executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  const context = await (await browser).newContext({ locale: "en-US", ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`policy violation: ${violatedDirective} ${blockedURI}`);
    });
  });
  return {
    page,
    problems,
    assertNoProblemsBut: (expected) => {
      const unexpected = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
      assert.deepEqual(unexpected, []);
    },
  };
}
