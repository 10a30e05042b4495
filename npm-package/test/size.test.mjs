// What a visitor downloads for the widget.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

/** The most that all files together may have, in bytes of brotli at its best. */
const BUDGET = 75_000;

test("all that a page downloads for the widget keeps its budget", async () => {
  const dist = new URL("../dist/", import.meta.url);
  const names = (await readdir(dist)).filter((name) => /\.(wasm|js|css)$/.test(name));
  let [total, language] = [0, 0];
  for (const name of names) {
    const size = brotliCompressSync(await readFile(new URL(name, dist))).length;
    // Of the languages one at most.
    if (name.startsWith("texts-")) language = Math.max(language, size);
    else total += size;
  }
  assert.ok(total > 0 && language > 0);
  assert.ok(total + language <= BUDGET, `${String(total)} bytes, and ${String(language)} for a language`);
});
