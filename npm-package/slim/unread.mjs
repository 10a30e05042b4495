// Blanks out data that is only read to write the text of a panic: nobody reads it once panics trap.
import binaryen from "binaryen";
import { dataSegments } from "./segments.mjs";

/** Tells which characters can be printed, by tables of 1.4 kB. */
const PRINTABLE = /^core(\[[0-9a-f]{16}\])?::unicode::printable::is_printable$/;

/** A panic with a text that stands in the data: its address and length, for the last one twice as much and one. */
const PANIC =
  /\(call \$"?core(?:\[[0-9a-f]{16}\])?::(option::expect_failed|panicking::panic|panicking::panic_fmt)"?\s+\(i32\.const (\d+)\)\s+\(i32\.const (\d+)\)/g;

/** A number in the text format that may be an address. */
const ADDRESS = /\bi32\.const (\d+)|\boffset=(\d+)/g;

/**
 * From where to where such data are in memory, as a wasm says whose panics do not trap yet. Throws where it says nothing
 * of them.
 */
export function unreadRanges(wasm) {
  const segments = dataSegments(wasm);
  const isData = (address) => segments.some((it) => it.address <= address && address < it.address + it.length);
  const functions = functionsOf(wasm);
  const tables = functions.filter(({ name }) => PRINTABLE.test(name)).flatMap(({ addresses }) => addresses.filter(isData));
  if (tables.length < 2) throw new Error("no tables of characters that can be printed were found");
  const texts = functions.flatMap(({ text }) => Array.from(text.matchAll(PANIC), textOf)).filter((range) => range && isData(range.from));
  if (texts.length === 0) throw new Error("no texts of panics were found");
  return [{ from: Math.min(...tables), to: Math.max(...tables) }, ...texts];
}

function textOf([, name, address, length]) {
  const isFormatted = name.endsWith("fmt");
  // Even for a text with gaps to fill in.
  if (isFormatted && length % 2 === 0) return undefined;
  const from = Number(address);
  return { from, to: from + (isFormatted ? length >> 1 : Number(length)) };
}

/** The optimized wasm without data in these ranges. Throws where anybody may still read them. */
export function withoutUnread(wasm, ranges) {
  const bytes = Buffer.from(wasm);
  const segments = dataSegments(bytes);
  for (const { from, to } of ranges) {
    for (const { address, start, length } of segments) {
      const [first, last] = [Math.max(from, address), Math.min(to, address + length)];
      if (first < last) bytes.fill(0, start + first - address, start + last - address);
    }
  }
  const assertUnread = (reader, address) => {
    const range = ranges.find(({ from, to }) => from <= address && address < to);
    if (range) throw new Error(`${reader} may read what is at ${String(range.from)}, which only panics read`);
  };
  for (const { name, addresses } of functionsOf(wasm)) for (const address of addresses) assertUnread(name, address);
  for (const { address, start, length } of segments) {
    for (let at = start + ((4 - (address % 4)) % 4); at + 4 <= start + length; at += 4) assertUnread("some data", bytes.readUInt32LE(at));
  }
  return bytes;
}

/** All functions, each as text and with all numbers in it that may be addresses. */
function functionsOf(wasm) {
  const module = binaryen.readBinary(wasm);
  try {
    return Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index))
      .map((reference) => binaryen.getFunctionInfo(reference))
      .filter(({ module: importedFrom }) => !importedFrom)
      .map(({ name, body }) => {
        const text = binaryen.emitText(body);
        return { name, text, addresses: Array.from(text.matchAll(ADDRESS), ([, constant, offset]) => Number(constant ?? offset)) };
      });
  } finally {
    module.dispose();
  }
}
