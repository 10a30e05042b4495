// Makes the wasm and its JavaScript smaller than their own tools leave them.
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factory, FREE, renamed, withoutFreeing } from "./glue.mjs";
import { withoutLocations } from "./locations.mjs";
import { namedByLikeness } from "./order.mjs";
import { withTraps } from "./traps.mjs";
import { withoutUnread } from "./unread.mjs";

/** What browsers of the last years understand and rustc uses. wasm-opt must be told. */
const FEATURES = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];

/**
 * Writes an optimized wasm to `output` and gives the text of its JavaScript. Both are to be used together only.
 *
 * Where another version of Rust, Yew or wasm-bindgen calls things otherwise than today's, the wasm stays as it is, and that
 * is said: it works, and is larger than the budget that the tests hold it to.
 */
export async function slim(wasm, glue, output) {
  try {
    return await slimmed(wasm, glue, output);
  } catch (error) {
    console.warn(`warning: the wasm is not made smaller: ${error.message}`);
    await copyFile(wasm, output);
    return factory(await readFile(glue, "utf8"));
  }
}

async function slimmed(wasm, glue, output) {
  const folder = await mkdtemp(join(tmpdir(), "connect-slim-"));
  try {
    const [trapping, text] = [join(folder, "trapping.wasm"), join(folder, "optimized.wat")];
    const original = await readFile(wasm);
    await writeFile(trapping, withTraps(original, [FREE]));
    optimize(trapping, text, [
      // Anew from plain blocks: what Rust's compiler has nested is then alike more often.
      "--flatten",
      "--rereloop",
      "-Os",
      "--flatten",
      "--rereloop",
      "-Os",
      "-Os",
      "--converge",
      // What is only called once would otherwise be inlined: fewer bytes, but 1 kB more of them once they are compressed.
      "--one-caller-inline-max-function-size=20",
      // Rust's own checks are code, so nothing relies on the machine's; and the first 1,024 bytes are the stack's end.
      "--ignore-implicit-traps",
      "--low-memory-unused",
      "--strip-producers",
      "--strip-target-features",
      "--debuginfo",
      "--emit-text",
    ]);
    // Not for the package, but to see by name what takes the room.
    optimize(text, wasm.replace(/\.wasm$/, "_named.wasm"), ["--vacuum", "--debuginfo"]);
    await writeFile(text, namedByLikeness(await readFile(text, "utf8")));
    optimize(text, output, ["--reorder-functions-by-name", "--strip-debug"]);
    // The names between wasm and JavaScript hold hashes, which do not compress: 4 kB of every download.
    const names = JSON.parse(optimize(output, output, ["--minify-imports-and-exports-and-modules"]));
    await writeFile(output, withoutUnread(withoutLocations(await readFile(output)), original));
    return factory(renamed(withoutFreeing(await readFile(glue, "utf8")), names));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs wasm-opt and gives what it says. */
function optimize(wasm, output, passes) {
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  return execFileSync("wasm-opt", [wasm, ...features, ...passes, "--output", output], { encoding: "utf8" });
}
