// Unpacks Snappy's raw format, as its description says (google/snappy, format_description.txt).

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;

/** Throws a `RangeError` where the bytes are damaged or would unpack to more than `maxBytes`. */
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Buffer {
  let at = 0;
  const byte = (): number => {
    const value = packed[at++];
    if (value === undefined) throw damaged();
    return value;
  };
  const little = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value += byte() * 2 ** (8 * i);
    return value;
  };
  const unpacked = Buffer.allocUnsafe(sizeIn(byte, maxBytes));
  let filled = 0;
  while (at < packed.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === LITERAL) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : little(short - 59));
      if (length > packed.length - at || length > unpacked.length - filled) throw damaged();
      unpacked.set(packed.subarray(at, at + length), filled);
      at += length;
      filled += length;
      continue;
    }
    const length = kind === COPY_1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const back = kind === COPY_1 ? ((tag >> 5) << 8) + byte() : little(kind === COPY_2 ? 2 : 4);
    if (back === 0 || back > filled || length > unpacked.length - filled) throw damaged();
    // It may repeat what it is just writing.
    if (back >= length) unpacked.copyWithin(filled, filled - back, filled - back + length);
    else for (let i = filled; i < filled + length; i++) unpacked[i] = unpacked[i - back] ?? 0;
    filled += length;
  }
  if (filled < unpacked.length) throw damaged();
  return unpacked;
}

/** What it unpacks to stands first, in seven bits a byte. */
function sizeIn(byte: () => number, maxBytes: number): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const next = byte();
    size += (next & 0x7f) * 2 ** (7 * i);
    if (next >= 0x80) continue;
    if (size > maxBytes) throw new RangeError("it would unpack to too much");
    return size;
  }
  throw damaged();
}

function damaged(): RangeError {
  return new RangeError("Snappy data is damaged");
}
