// Prints what takes the room in the widget's wasm, by crate and by function: bytes of code, before compression.
import { readFileSync } from "node:fs";
import { plainName } from "../npm-package/slim/names.mjs";

/** How many functions are named. */
const MOST = 30;

const bytes = readFileSync(new URL("../npm-package/wasm/connect_widget_bg_named.wasm", import.meta.url));
const { bodies, names, imported } = readSections();
const functions = bodies.map((size, at) => [plainName(names.get(imported + at) ?? "?"), size]).sort(([, one], [, other]) => other - one);
const crates = new Map();
for (const [name, size] of functions) {
  const crate = /\w+/.exec(name.replace(/^<*[&*]*(mut )?/, ""))?.[0] ?? "?";
  crates.set(crate, (crates.get(crate) ?? 0) + size);
}
const total = functions.reduce((sum, [, size]) => sum + size, 0);
print(`code of ${String(functions.length)} functions`, total);
for (const [crate, size] of [...crates].sort(([, one], [, other]) => other - one).slice(0, 10)) print(`  ${crate}`, size);
print("the largest functions", functions.slice(0, MOST).reduce((sum, [, size]) => sum + size, 0));
for (const [name, size] of functions.slice(0, MOST)) print(`  ${name.slice(0, 120)}`, size);

function print(what, size) {
  console.log(String(size).padStart(8), what);
}

/** The sizes of function bodies, functions' names by index, and how many come before them as imports. (Core specification, 5.5) */
function readSections() {
  const found = { bodies: [], names: new Map(), imported: 0 };
  let at = 8;
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const end = number() + at;
    if (id === 2) found.imported = functionImports(number, text);
    if (id === 10) {
      for (let count = number(); count > 0; count -= 1) {
        const size = number();
        found.bodies.push(size);
        at += size;
      }
    }
    if (id === 0 && text() === "name") {
      while (at < end) {
        const kind = number();
        const after = number() + at;
        if (kind === 1) for (let count = number(); count > 0; count -= 1) found.names.set(number(), text());
        at = after;
      }
    }
    at = end;
  }
  return found;
}

/** wasm-bindgen's wasm imports functions alone. */
function functionImports(number, text) {
  let count = 0;
  for (let left = number(); left > 0; left -= 1) {
    text();
    text();
    if (number() !== 0) throw new Error("the wasm imports something else than functions");
    number();
    count += 1;
  }
  return count;
}
