// What a visitor downloads for the widget.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

/** The most that all files together may have, in bytes of brotli at its best. */
const BUDGET = 75_500;

test("all that a page downloads for the widget keeps its budget", async () => {
  const dist = new URL("../dist/", import.meta.url);
  const sizeOf = async (name) => brotliCompressSync(await readFile(new URL(name, dist))).length;
  const always = await Promise.all(["index.js", "element.js", "connect_widget_bg.wasm"].map(sizeOf));
  // Of the languages one at most.
  const languages = (await readdir(dist)).filter((name) => /^texts-.*\.js$/.test(name));
  const language = Math.max(...(await Promise.all(languages.map(sizeOf))));
  const total = always.reduce((sum, size) => sum + size, language);
  assert.ok(total <= BUDGET, `${String(total)} bytes: ${always.join(" + ")}, and ${String(language)} for a language`);
});
