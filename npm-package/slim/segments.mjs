// The data of a wasm, by the addresses that it has in memory.

/** The active data segments: where each begins in memory and in the file, and its length. (Core specification, 5.5.14) */
export function dataSegments(bytes) {
  const segments = [];
  const reader = { bytes, at: 8 };
  while (reader.at < bytes.length) {
    const id = bytes[reader.at++];
    const end = leb128(reader) + reader.at;
    if (id === 11) {
      for (let count = leb128(reader); count > 0; count -= 1) {
        const [kind, opcode] = [leb128(reader), bytes[reader.at++]];
        const address = leb128(reader);
        if (kind !== 0 || opcode !== 0x41 || bytes[reader.at++] !== 0x0b) throw new Error("a data segment of another kind");
        const length = leb128(reader);
        segments.push({ address, start: reader.at, length });
        reader.at += length;
      }
    }
    reader.at = end;
  }
  return segments;
}

/** An unsigned number; a signed one is read right as well, while it is below 2^31 and not negative. */
function leb128(reader) {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.bytes[reader.at++];
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
}
