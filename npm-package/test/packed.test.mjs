// What others' tools say of the package as it is published.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "connect-widget-"));
after(() => rmSync(folder, { recursive: true }));

const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: here, encoding: "utf8" }));
const tarball = join(folder, filename);

function accepts(...command) {
  const { status, stdout } = spawnSync("npx", ["--no", "--", ...command], { cwd: here, encoding: "utf8" });
  assert.equal(status, 0, stdout);
}

test("publint finds nothing to say", () => {
  accepts("publint", "--strict", tarball);
});

test("the types of each entry are found as its code is", () => {
  // Those two are no code and have no types.
  const untyped = ["connect_widget_bg.wasm", "connect-widget.css"];
  accepts("attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", ...untyped);
});
