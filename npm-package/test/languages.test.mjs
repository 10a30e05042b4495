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
    for (const [key, text] of english) {
      const forms = typeof texts[key] === "string" ? { other: texts[key] } : texts[key];
      assert.deepEqual(placeholders(forms.other), placeholders(text), key);
    }
  });

  test(`${file} has a form for each plural category of its language, where it has any`, async () => {
    const { texts } = await import(`../dist/${file}`);
    const { pluralCategories } = new Intl.PluralRules(/texts-(.*)\.js/.exec(file)[1]).resolvedOptions();
    const several = Object.values(texts).filter((forms) => typeof forms !== "string");
    // Millions alone are "many" in French and Spanish, and are written as all others are.
    const expected = pluralCategories.filter((category) => category !== "many" || pluralCategories.includes("few"));
    for (const forms of several) assert.deepEqual(Object.keys(forms).sort(), expected.sort());
    assert.equal(several.length > 0, pluralCategories.length > 1);
  });
}
