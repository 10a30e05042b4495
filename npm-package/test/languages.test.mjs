// The texts in other languages, against the English ones in the wasm.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const LABEL = /^ {4}\w+ "(\w+)" "((?:[^"\\]|\\.)*)";$/gm;

const source = await readFile(new URL("../../widget/src/labels.rs", import.meta.url), "utf8");
const english = new Map(Array.from(source.matchAll(LABEL), ([, key, text]) => [key, text]));

const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

const files = await readdir(new URL("../dist/", import.meta.url));
for (const file of files.filter((name) => /^texts-.*\.js$/.test(name))) {
  test(`${file} has all texts, with the same gaps to fill in`, async () => {
    const { texts } = await import(`../dist/${file}`);
    assert.deepEqual(Object.keys(texts), [...english.keys()]);
    for (const [key, text] of english) assert.deepEqual(placeholders(texts[key]), placeholders(text), key);
  });
}
