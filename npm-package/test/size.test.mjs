// What a visitor downloads for the widget.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

/** The most that all files together may have, in bytes of brotli at its best. */
const BUDGET = 75_000;

test("all that a page downloads for the widget keeps its budget", async () => {
  const dist = new URL("../dist/", import.meta.url);
  const names = ["index.js", "element.js", "connect_widget_bg.wasm"];
  const sizes = await Promise.all(names.map(async (name) => brotliCompressSync(await readFile(new URL(name, dist))).length));
  const total = sizes.reduce((sum, size) => sum + size);
  assert.ok(total <= BUDGET, `${String(total)} bytes: ${names.map((name, at) => `${name} ${String(sizes[at])}`).join(", ")}`);
});
