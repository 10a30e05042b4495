// Five hundred rows that sync at the same time, in the widget and in the same page written with React.
//
// Prints a table, and puts it into docs/performance.md if WRITE is set.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { openPage } from "../support/browser.js";
import { Child } from "../support/child.js";
import { eventually } from "../support/eventually.js";
import { repositoryPath, SERVICE_BINARY } from "../support/paths.js";
import { freePort } from "../support/port.js";
import { Redis } from "../support/redis.js";
import { SECRET, Service } from "../support/service.js";
import { between, Meter, type Cost } from "./page-cost.js";
import { servePages } from "./pages.js";
import { Workers } from "./workers.js";

const ROWS = 500;
/** A list as most end users have it. */
const FEW_ROWS = 5;
const PER_SECOND = 10;
const MEASURED_MS = 10_000;
/** How many updates memory is watched for. */
const UPDATES = 100_000;
/** Which pages, in turn, so often. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const KINDS = ["widget", "react"] as const;
/** A frame later than this after the one before has missed its turn at 60 Hz. */
const LATE_MS = 25;

type Kind = (typeof KINDS)[number];

interface Result {
  /** From when the page begins, its files cached, until its list is painted: of a few rows, and of all. */
  few: Cost;
  first: Cost;
  /** While all rows sync, for `MEASURED_MS`. */
  live: Cost;
  frames: number[];
  /** What the heap has grown by after so many updates, in bytes. */
  growth: number;
}

const ROW = { widget: "[part~=connection]", react: ".row" };
const COUNT = { widget: "[part~=count]", react: ".count" };

void test(`${ROWS} rows at ${PER_SECOND} updates a second each`, async (t) => {
  const { url, jobs, redis } = await start(t);
  let workers: Workers | undefined;
  const results: Record<Kind, Result[]> = { widget: [], react: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of KINDS) {
      const begin = async () => (workers = await Workers.start(redis.port, jobs, PER_SECOND, workers));
      results[kind].push(await measure(t, kind, (rows) => url(kind, rows), begin));
    }
  }
  const table = report(results);
  console.log(table);
  if (process.env["WRITE"]) await write(table);
});

/** A service that speaks HTTP/2, as in production, so that the page may have as many streams as it wants. */
async function start(t: TestContext) {
  const redis = await Redis.start(t);
  const origin = await servePages(t);
  const service = await Service.start(t, redis, [origin]);
  const tokens = new Map<number, string>();
  const jobs: string[] = [];
  for (const rows of [FEW_ROWS, ROWS]) {
    const collection = `collection-${randomUUID()}`;
    for (let at = 0; at < rows; at += 1) {
      const { job } = await service.createSync(collection, `Source ${at}`);
      if (rows === ROWS) jobs.push(job);
    }
    tokens.set(rows, await service.createSession(collection, 3600));
  }
  const api = await startReplica(t, redis, origin);
  const url = (kind: Kind, rows: number) => `${origin}/${kind}#${new URLSearchParams({ api, token: tokens.get(rows) ?? "" }).toString()}`;
  return { jobs, redis, url };
}

async function startReplica(t: TestContext, redis: Redis, origin: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "connect-bench-"));
  t.after(() => rm(folder, { recursive: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, "-keyout", key, "-out", certificate]);
  const address = `127.0.0.1:${await freePort()}`;
  const flags = ["--broker", "redis", "--directory", "redis", "--listen", address, "--tls-cert", certificate, "--tls-key", key];
  const replica = new Child(SERVICE_BINARY, ["serve", ...flags], {
    CONNECT_REDIS_URL: redis.url,
    CONNECT_SESSION_SECRETS: SECRET,
    CONNECT_ALLOW_ORIGINS: origin,
  });
  t.after(() => replica.kill());
  await replica.said(/listening on https/);
  return `https://${address}`;
}

async function measure(t: TestContext, kind: Kind, url: (rows: number) => string, begin: () => Promise<Workers>): Promise<Result> {
  const { page } = await openPage(t, { ignoreHTTPSErrors: true, viewport: { width: 1000, height: 800 } });
  const meter = await Meter.of(page);
  // Once for the cache.
  await open(page, kind, url(FEW_ROWS));
  const few = await firstList(page, meter, kind, url(FEW_ROWS));
  const first = await firstList(page, meter, kind, url(ROWS));
  const workers = await begin();
  await eventually(async () => {
    const counts = await page.locator(COUNT[kind]).count();
    assert.ok(counts > 0 && counts === (await page.locator(ROW[kind]).count()));
  });
  await isLive(page, kind, workers);
  await page.waitForTimeout(2_000);
  const before = await meter.read();
  const frames = await meter.frames(MEASURED_MS);
  const live = between(before, await meter.read());
  await isLive(page, kind, workers);
  const heap = await meter.heap();
  const target = workers.rounds + UPDATES / ROWS;
  while (workers.rounds < target) await page.waitForTimeout(100);
  const growth = (await meter.heap()) - heap;
  await isLive(page, kind, workers);
  await workers.stop();
  await page.close();
  return { few, first, live, frames, growth };
}

async function firstList(page: Page, meter: Meter, kind: Kind, url: string): Promise<Cost> {
  await page.goto("about:blank");
  await page.goto(url);
  const before = await meter.read();
  await untilPainted(page, kind);
  return between(before, await meter.read());
}

async function open(page: Page, kind: Kind, url: string): Promise<void> {
  await page.goto(url);
  await untilPainted(page, kind);
}

/** Lets the page begin, and waits for the frame with its first row. */
async function untilPainted(page: Page, kind: Kind): Promise<void> {
  await page.evaluate(async (row) => {
    await (Reflect.get(globalThis, "begin") as () => Promise<void>)();
    const isThere = () => (document.querySelector("connect-widget")?.shadowRoot ?? document).querySelector(row) !== null;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    while (!isThere()) await frame();
    // What comes after the frame that this one is called for.
    await frame();
    await new Promise((done) => setTimeout(done));
  }, ROW[kind]);
}

/** Waits until what is shown is what was said of late. */
async function isLive(page: Page, kind: Kind, workers: Workers): Promise<void> {
  const least = workers.synced;
  await eventually(async () => {
    const text = await page.locator(COUNT[kind]).first().textContent();
    assert.ok(Number(text?.replaceAll(/\D/g, "")) >= least, text ?? "nothing");
  });
}

function report(results: Record<Kind, Result[]>): string {
  const row = (what: string, figure: (result: Result) => number, digits = 0) => {
    const cells = KINDS.map((kind) => spread(results[kind].map(figure), digits));
    return `| ${what} | ${cells.join(" | ")} |`;
  };
  const perSecond = (milliseconds: number) => (milliseconds * 1000) / MEASURED_MS;
  const percentile = (frames: number[], part: number) => frames.toSorted((a, b) => a - b)[Math.floor(frames.length * part)] ?? 0;
  return [
    `Median of ${ROUNDS} rounds in turn, with the least and the most; ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}.`,
    "",
    `| ${ROWS} rows, ${ROWS * PER_SECOND} updates a second | widget | React |`,
    "| --- | --- | --- |",
    row(`list of ${FEW_ROWS} painted, files cached: main-thread time, ms`, ({ few }) => few.task),
    row("of it script, ms", ({ few }) => few.script),
    row(`list of ${ROWS} painted: main-thread time, ms`, ({ first }) => first.task),
    row("of it script, ms", ({ first }) => first.script),
    row("live: main-thread time, ms a second", ({ live }) => perSecond(live.task)),
    row("of it script, ms", ({ live }) => perSecond(live.script)),
    row("of it style and layout, ms", ({ live }) => perSecond(live.style + live.layout)),
    row("frames a second", ({ frames }) => (frames.length * 1000) / MEASURED_MS, 1),
    row("time between frames, 99th percentile, ms", ({ frames }) => percentile(frames, 0.99), 1),
    row("frames that missed their turn, %", ({ frames }) => (frames.filter((time) => time > LATE_MS).length * 100) / frames.length, 1),
    row(`heap, growth over ${UPDATES} updates, kB`, ({ growth }) => growth / 1000),
  ].join("\n");
}

function spread(figures: number[], digits: number): string {
  const sorted = figures.toSorted((a, b) => a - b);
  const [least, median, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((figure) => figure?.toFixed(digits) ?? "");
  return `${median ?? ""} (${least ?? ""}–${most ?? ""})`;
}

/** Puts the table between its marks. */
async function write(table: string): Promise<void> {
  const path = repositoryPath("docs/performance.md");
  const text = await readFile(path, "utf8");
  const marks = /(<!-- rows -->\n)[^]*(<!-- \/rows -->)/;
  assert.match(text, marks);
  await writeFile(path, text.replace(marks, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`));
}
