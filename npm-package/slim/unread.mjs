// Blanks out data that nobody reads once panics trap: their texts, and tables that only serve to write them.
import binaryen from "binaryen";
import { plainName } from "./names.mjs";
import { dataSegments } from "./segments.mjs";

/**
 * Functions that are gone with the messages of panics and with Yew's listeners, each with tables that nobody else reads:
 * of characters that can be printed, of those that extend others, and the names of events.
 */
const TABLES = [
  /^core::unicode::printable::is_printable$/,
  /^core::unicode::unicode_data::grapheme_extend::lookup_slow$/,
  /^yew::virtual_dom::listeners::ListenerKind::type_name$/,
];

/** The shortest text that is worth it, in bytes. */
const LEAST_TEXT_BYTES = 6;

/** A number in the text format that may be an address, or hold one in one of its halves. */
const NUMBER = /\b(?:i32\.const |i64\.const |offset=)(\d+)/g;

/**
 * The optimized wasm without data that nobody reads any more.
 *
 * That is what the tables of `TABLES` hold, and texts that something referred to in the original wasm and nothing does in the
 * optimized one. Each ends where anything else begins that was ever referred to. Other data stay: code may reach a table
 * from an address before it. Throws where one of the tables is not found, or may still be read.
 */
export function withoutUnread(optimized, original) {
  const [before, after] = [readModule(original), readModule(optimized)];
  const referredTo = [...before.references.keys()].sort((one, other) => one - other);
  const end = new Map(referredTo.map((address, at) => [address, referredTo[at + 1]]));
  const tables = TABLES.flatMap((pattern) => addressesOf(before, pattern));
  for (const address of tables) {
    const reader = [...after.references].find(([it]) => address <= it && it < end.get(address));
    if (reader) throw new Error(`${reader[1]} may read the table at ${String(address)}`);
  }
  const bytes = Buffer.from(optimized);
  for (const { address, start, length } of dataSegments(bytes)) {
    const at = (place) => start + Math.min(place, address + length) - address;
    for (const from of referredTo.filter((it) => address <= it && it < address + length && !after.references.has(it))) {
      const data = bytes.subarray(at(from), at(end.get(from) ?? address + length));
      if (tables.includes(from) || isText(data)) data.fill(0);
    }
  }
  return bytes;
}

function addressesOf({ functions, isData }, pattern) {
  const addresses = functions.filter(({ name }) => pattern.test(name)).flatMap((it) => it.addresses.filter(isData));
  if (addresses.length === 0) throw new Error(`no table of ${String(pattern)} was found`);
  return addresses;
}

/** Visible ASCII, line feeds and gaps to be filled in, up to the zeros that may follow. */
function isText(data) {
  const text = data.toString("latin1").replace(/\0+$/, "");
  return text.length >= LEAST_TEXT_BYTES && (/^[\n -~]+$/.test(text) || isTemplate(data));
}

/**
 * What `format!` makes of a text with gaps: pieces with their length before them, a byte of 192 and above for a gap, zero
 * at the end. Some gaps are followed by how they are to be filled in; those are not known here.
 */
function isTemplate(data) {
  for (let at = 0; at < data.length; ) {
    const byte = data[at];
    if (byte === 0) return data.subarray(at).every((it) => it === 0);
    if (byte >= 128 && byte !== 192) return false;
    at += byte === 192 ? 1 : 1 + byte;
  }
  return false;
}

/** The functions of a wasm, and the addresses of data that code and other data refer to, each with one that does. */
function readModule(wasm) {
  const bytes = Buffer.from(wasm);
  const segments = dataSegments(bytes);
  const isData = (address) => segments.some((it) => it.address <= address && address < it.address + it.length);
  const references = new Map();
  const functions = functionsOf(wasm);
  const refer = (reader, address) => {
    if (isData(address) && !references.has(address)) references.set(address, reader);
  };
  for (const { name, addresses } of functions) for (const address of addresses) refer(name, address);
  for (const { address, start, length } of segments) {
    for (let at = start + ((4 - (address % 4)) % 4); at + 4 <= start + length; at += 4) refer("some data", bytes.readUInt32LE(at));
  }
  return { functions, references, isData };
}

/** All functions, each with all numbers in it that may be addresses. */
function functionsOf(wasm) {
  const module = binaryen.readBinary(wasm);
  try {
    return Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index))
      .map((reference) => binaryen.getFunctionInfo(reference))
      .filter(({ module: importedFrom }) => !importedFrom)
      .map(({ name, body }) => {
        const numbers = Array.from(binaryen.emitText(body).matchAll(NUMBER), ([, digits]) => BigInt(digits));
        return { name: plainName(name), addresses: numbers.flatMap(halves) };
      });
  } finally {
    module.dispose();
  }
}

/** A number's low and high 32 bits: two members that are stored at once are one number. */
function halves(number) {
  return [Number(number & 0xffffffffn), Number(number >> 32n)];
}
