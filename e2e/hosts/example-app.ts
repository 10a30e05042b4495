import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { repositoryPath } from "../support/paths.js";

const run = promisify(execFile);

/** Holds the tarball, a copy of each example with what was installed and built in it, and what these were made of. */
const WORK = repositoryPath("e2e/results/hosts");

/** What is installed or built in an example, and so is not its source. */
const MADE = new Set(["node_modules", "dist", ".next", ".angular"]);

/** Packs the package as for the registry and gives the tarball. */
async function pack(): Promise<string> {
  await mkdir(WORK, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", WORK], { cwd: repositoryPath("npm-package") });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  assert.ok(packed);
  return join(WORK, packed.filename);
}

/** Where an example's copy is. */
export function copyOf(name: string): string {
  return join(WORK, name);
}

let tarball: Promise<string> | undefined;

/**
 * Makes a copy of an example with the packed package in it, checks its types and builds it for production.
 * Done again only if one of its files, or the package, has changed.
 */
export async function buildExample(t: TestContext, name: string): Promise<void> {
  tarball ??= pack();
  const source = repositoryPath(`examples/${name}`);
  const copy = copyOf(name);
  const packed = await tarball;
  await once(t, copy, "installed", [packed, join(source, "package-lock.json")], async () => {
    await rm(copy, { recursive: true, force: true });
    await mkdir(copy);
    for (const file of ["package.json", "package-lock.json"]) await cp(join(source, file), join(copy, file));
    await npm(copy, "ci", "--ignore-scripts");
    await npm(copy, "install", "--no-save", "--ignore-scripts", packed);
  });
  await once(t, copy, "built", [packed, ...(await filesOf(source))], async () => {
    for (const entry of await readdir(copy)) {
      if (entry !== "node_modules") await rm(join(copy, entry), { recursive: true });
    }
    await cp(source, copy, { recursive: true, filter: (path) => !MADE.has(basename(path)) });
    await findsMistake(copy);
    await npm(copy, "run", "check", "--if-present");
    await npm(copy, "run", "build", "--if-present");
  });
}

/** Puts the example's file with a mistake among its sources, where checking the types must find it. */
async function findsMistake(copy: string): Promise<void> {
  const mistake = (await readdir(copy)).find((file) => file.startsWith("mistake."));
  if (mistake === undefined) return;
  const misplaced = join(copy, "src", mistake);
  await cp(join(copy, mistake), misplaced);
  await assert.rejects(npm(copy, "run", "check"), /mistake\.[^]*midnight/);
  await rm(misplaced);
}

/** Makes what is named, unless it was made of the same files before. */
async function once(t: TestContext, copy: string, what: string, files: string[], make: () => Promise<void>): Promise<void> {
  const stamp = `${copy}.${what}`;
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(await readFile(file));
  const digest = hash.digest("hex");
  if ((await readFile(stamp, "utf8").catch(() => "")) === digest) return;
  await rm(stamp, { force: true });
  const started = performance.now();
  await make();
  await writeFile(stamp, digest);
  t.diagnostic(`${basename(copy)}: ${what} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => !file.split("/").some((part) => MADE.has(part))).sort();
}

/** Runs npm; what it says on both streams is in the error when it fails. */
async function npm(cwd: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NG_CLI_ANALYTICS: "false" };
  try {
    await run("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd, env, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`npm ${args.join(" ")} in ${basename(cwd)}:\n${stdout}${stderr}`, { cause: error });
  }
}
