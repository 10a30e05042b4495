// Gives crates, package and element one new version, and the changelog its heading. Commits and publishes nothing.
// Usage: release.mjs VERSION
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const version = process.argv[2] ?? "";
if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
  console.error("usage: just release VERSION, such as 1.2.0");
  process.exit(1);
}

const root = fileURLToPath(new URL("../", import.meta.url));

/** Replaces the one place in a file that a pattern finds. */
function edit(path, pattern, text) {
  const before = readFileSync(root + path, "utf8");
  if (!pattern.test(before)) throw new Error(`${path}: there is no ${String(pattern)}`);
  writeFileSync(root + path, before.replace(pattern, text));
}

const today = new Date().toISOString().slice(0, 10);
edit("CHANGELOG.md", /^## Unreleased$/m, `## Unreleased\n\n## ${version} – ${today}`);
edit("Cargo.toml", /^version = ".*"$/m, `version = "${version}"`);
edit("npm-package/package.json", /"version": ".*"/, `"version": "${version}"`);
edit("e2e/package.json", /"connect-widget": ".*"/, `"connect-widget": "${version}"`);
edit("deploy/kubernetes/kustomization.yaml", /newTag: ".*"/, `newTag: "${version}"`);
// The lock files name the workspace's own packages as well.
for (const workspace of ["Cargo.toml", "fuzz/Cargo.toml", "examples/temporal-worker/Cargo.toml"]) {
  execFileSync("cargo", ["update", "--workspace", "--quiet", "--manifest-path", workspace], { cwd: root, stdio: "inherit" });
}
execFileSync("npm", ["install", "--package-lock-only", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: "inherit" });
console.log(`version ${version}: look at the changes, then commit them`);
