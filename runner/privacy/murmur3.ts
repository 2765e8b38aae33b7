// MurmurHash3 x64 128 with seed 0 (Austin Appleby, public domain algorithm). Not a cryptographic hash.

const mask = 0xffff_ffff_ffff_ffffn;
const c1 = 0x87c3_7b91_1142_53d5n;
const c2 = 0x4cf5_ad43_2745_937fn;

const times = (a: bigint, b: bigint): bigint => (a * b) & mask;
const plus = (a: bigint, b: bigint): bigint => (a + b) & mask;
const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & mask;

function finish(value: bigint): bigint {
  value = times(value ^ (value >> 33n), 0xff51_afd7_ed55_8ccdn);
  value = times(value ^ (value >> 33n), 0xc4ce_b9fe_1a85_ec53n);
  return value ^ (value >> 33n);
}

/** The two unsigned halves of the hash. */
export function murmur3(bytes: Uint8Array): readonly [bigint, bigint] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const full = bytes.length & ~15;
  let h1 = 0n;
  let h2 = 0n;
  for (let at = 0; at < full; at += 16) {
    h1 ^= times(rotate(times(view.getBigUint64(at, true), c1), 31n), c2);
    h1 = plus(times(plus(rotate(h1, 27n), h2), 5n), 0x52dc_e729n);
    h2 ^= times(rotate(times(view.getBigUint64(at + 8, true), c2), 33n), c1);
    h2 = plus(times(plus(rotate(h2, 31n), h1), 5n), 0x3849_5ab5n);
  }
  if (full < bytes.length) {
    const tail = new DataView(new ArrayBuffer(16));
    bytes.subarray(full).forEach((byte, i) => {
      tail.setUint8(i, byte);
    });
    h2 ^= times(rotate(times(tail.getBigUint64(8, true), c2), 33n), c1);
    h1 ^= times(rotate(times(tail.getBigUint64(0, true), c1), 31n), c2);
  }
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = plus(h1, h2);
  h2 = plus(h2, h1);
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = plus(h1, h2);
  h2 = plus(h2, h1);
  return [h1, h2];
}
