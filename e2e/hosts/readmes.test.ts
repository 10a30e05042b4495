// What the hosts' READMEs show is in their sources, which the other tests build and run.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryPath } from "../support/paths.js";
import { filesOf } from "./example-app.js";

const examples = repositoryPath("examples");

for (const { name } of (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
  const readme = await readFile(join(examples, name, "README.md"), "utf8");
  const shown = [...readme.matchAll(/^```(?!sh$)\w+\n(.*?)^```$/gms)].map(([, code = ""]) => unindented(code));
  if (shown.length === 0) continue;
  void test(`${name}: the code in its README is its own`, async () => {
    const sources = await Promise.all((await filesOf(join(examples, name))).map((file) => readFile(file, "utf8")));
    for (const code of shown) assert.ok(sources.some((source) => unindented(source).includes(code)), code);
  });
}

void test("the package's README shows each framework's host as it is", async () => {
  const ofPackage = await readFile(repositoryPath("npm-package/README.md"), "utf8");
  for (const name of ["angular", "next", "react", "svelte", "vue", "webpack"]) {
    const readme = await readFile(join(examples, name, "README.md"), "utf8");
    const [code] = /^```(?!sh$)\w+\n.*?^```$/ms.exec(readme) ?? [];
    assert.ok(code && ofPackage.includes(code), name);
  }
});

function unindented(code: string): string {
  return code.replaceAll(/^ +/gm, "");
}
