// How far a stream of bytes has been read, as checkpoints keep it: for all sources of lines.
import type { Json } from "../../dsl/spec/option-value.ts";
import { Fields } from "../formats/fields.ts";
import { type Digest, type Ends, type Fingerprint, sameDigest } from "../formats/fingerprint.ts";
import type { Reached } from "../formats/lines.ts";

/** What `reachedIn` reads. */
export function reachedJson({ offset_bytes, line, head, tail, unterminated }: Reached): {
  [key: string]: Json;
} {
  const place = { offset_bytes, line, head: { ...head }, tail: { ...tail } };
  return unterminated === true ? { ...place, unterminated } : place;
}

export function reachedIn(position: Json): Reached {
  const fields = new Fields(position);
  return {
    offset_bytes: fields.number("offset_bytes"),
    line: fields.number("line"),
    ...digestsIn(fields),
    ...(fields.flag("unterminated") && { unterminated: true }),
  };
}

/** True where what was read again up to there is what was read before. */
export function sameBytes(fingerprint: Fingerprint, { head, tail }: Ends): boolean {
  const ends = fingerprint.ends();
  return sameDigest(ends.head, head) && sameDigest(ends.tail, tail);
}

export function digestsIn(position: Fields): Ends {
  return { head: digestIn(position.inner("head")), tail: digestIn(position.inner("tail")) };
}

function digestIn(fields: Fields): Digest {
  return { size_bytes: fields.number("size_bytes"), sha256: fields.text("sha256") };
}
