// What ends up in the package, and that every documented path leads somewhere.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../", import.meta.url));
const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));

/** The files that `npm pack` would put into the package. */
function packed() {
  const [pack] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: here, encoding: "utf8" }));
  return pack.files.map(({ path }) => path);
}

test("every exported path and its types are in the package", () => {
  const files = packed();
  for (const target of Object.values(manifest.exports)) {
    for (const path of typeof target === "string" ? [target] : Object.values(target)) {
      assert.ok(files.includes(path.replace("./", "")), `${path} is missing`);
    }
  }
});

test("the package holds what it needs and no more", () => {
  for (const path of packed()) {
    assert.match(path, /^(dist\/[a-z_-]+\.(js|d\.ts|wasm|css|json)|README\.md|LICENSE.*|package\.json)$/);
  }
});

test("the wasm can be imported by its path", async () => {
  const bytes = await readFile(fileURLToPath(import.meta.resolve("connect-widget/connect_widget_bg.wasm")));
  assert.equal(WebAssembly.validate(bytes), true);
});

test("installing runs nothing and brings nothing else along", () => {
  assert.equal(manifest.dependencies, undefined);
  for (const name of Object.keys(manifest.peerDependencies)) assert.equal(manifest.peerDependenciesMeta[name].optional, true);
  for (const name of ["preinstall", "install", "postinstall"]) assert.equal(manifest.scripts[name], undefined);
});

test("the types of the package know the element, and mistakes do not compile", () => {
  execFileSync("npx", ["--no", "--", "tsc", "--noEmit", "-p", "test"], { cwd: here, stdio: "inherit" });
});

test("the style sheet can be had by its path", async () => {
  const css = await readFile(fileURLToPath(import.meta.resolve("connect-widget/connect-widget.css")), "utf8");
  assert.match(css, /--connect-primary/);
});

test("package, crates and element have one version", async () => {
  const { ConnectWidgetElement } = await import("connect-widget/element");
  const cargo = await readFile(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const [, version] = /^version = "(.*)"$/m.exec(cargo);
  assert.deepEqual([ConnectWidgetElement.version, version], [manifest.version, manifest.version]);
});

test("editors are told of the element: everything that the README lists", async () => {
  const { modules } = JSON.parse(await readFile(fileURLToPath(import.meta.resolve("connect-widget/custom-elements.json")), "utf8"));
  const [element] = modules.flatMap(({ declarations }) => declarations).filter(({ tagName }) => tagName === "connect-widget");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const names = [element.attributes, element.members, element.events, element.cssParts, element.cssProperties].flat().map(({ name }) => name);
  assert.ok(names.length > 50);
  for (const name of names) assert.ok(readme.includes(name), `${name} is not in the README`);
});
