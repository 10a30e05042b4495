// Blanks out the tables that tell which characters can be printed: only the text of a panic is printed so, and panics trap.
import binaryen from "binaryen";
import { dataSegments } from "./segments.mjs";

const READER = /^core(\[[0-9a-f]{16}\])?::unicode::printable::is_printable$/;

/** A number in the text format that may be an address. */
const ADDRESS = /\bi32\.const (\d+)|\boffset=(\d+)/g;

/** From where to where the tables are in memory, by what their only reader says. Throws where there is no such function. */
export function printableTables(wasm) {
  const segments = dataSegments(wasm);
  const isData = (address) => segments.some((it) => it.address <= address && address < it.address + it.length);
  const addresses = functionsOf(wasm, (name) => READER.test(name)).flatMap(({ addresses }) => addresses.filter(isData));
  if (addresses.length < 2) throw new Error("no tables of characters that can be printed were found");
  return { from: Math.min(...addresses), to: Math.max(...addresses) };
}

/** The optimized wasm without them. Throws where anybody can still read them. */
export function withoutTables(wasm, { from, to }) {
  const isWithin = (address) => from <= address && address < to;
  for (const { name, addresses } of functionsOf(wasm, () => true)) {
    if (addresses.some(isWithin)) throw new Error(`${name} may read the tables of characters`);
  }
  const bytes = Buffer.from(wasm);
  for (const { address, start, length } of dataSegments(bytes)) {
    for (let at = start + ((4 - (address % 4)) % 4); at + 4 <= start + length; at += 4) {
      const isOutside = !isWithin(address + at - start);
      if (isOutside && isWithin(bytes.readUInt32LE(at))) throw new Error("some data may point at the tables of characters");
    }
    const [first, last] = [Math.max(from, address), Math.min(to, address + length)];
    if (first < last) bytes.fill(0, start + first - address, start + last - address);
  }
  return bytes;
}

/** The functions of these names, each with all numbers in it that may be addresses. */
function functionsOf(wasm, isWanted) {
  const module = binaryen.readBinary(wasm);
  try {
    return Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index))
      .map((reference) => binaryen.getFunctionInfo(reference))
      .filter(({ name, module: importedFrom }) => !importedFrom && isWanted(name))
      .map(({ name, body }) => {
        const numbers = binaryen.emitText(body).matchAll(ADDRESS);
        return { name, addresses: Array.from(numbers, ([, constant, offset]) => Number(constant ?? offset)) };
      });
  } finally {
    module.dispose();
  }
}
