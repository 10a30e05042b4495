// Blanks out where in its sources Rust would say that it panics: nobody says it once panics trap.

import { dataSegments } from "./segments.mjs";

/** The size of Rust's `Location` (address and length of a path, line, column) in bytes. */
const LOCATION_BYTES = 16;

/** The wasm without the paths of source files and what points at them. Throws where there are none. */
export function withoutLocations(wasm) {
  const bytes = Buffer.from(wasm);
  const segments = dataSegments(bytes);
  const paths = new Map();
  for (const { address, start, length } of segments) {
    // Aligned, since its first member is an address.
    for (let at = start + ((4 - (address % 4)) % 4); at < start + length; at += 4) {
      // Zeros at the end of a segment need not be in the file.
      const location = Buffer.alloc(LOCATION_BYTES);
      const written = bytes.copy(location, 0, at, Math.min(at + LOCATION_BYTES, start + length));
      const path = pathOf(location, bytes, segments);
      if (!path) continue;
      paths.set(path.byteOffset, path);
      bytes.fill(0, at, at + written);
    }
  }
  if (paths.size === 0) throw new Error("no source locations were found: does Rust lay them out otherwise now?");
  for (const path of paths.values()) path.fill(0);
  return bytes;
}

/** The path that a location points at, if it is one. */
function pathOf(location, bytes, segments) {
  const [address, length, line, column] = [0, 4, 8, 12].map((member) => location.readUInt32LE(member));
  if (length < 4 || length > 300 || line === 0 || line > 100_000 || column === 0 || column > 1_000) return undefined;
  const segment = segments.find((it) => it.address <= address && address + length <= it.address + it.length);
  if (!segment) return undefined;
  const start = segment.start + address - segment.address;
  const path = bytes.subarray(start, start + length);
  return /^[\w/.@+-]+\.rs$/.test(path.toString("latin1")) ? path : undefined;
}
