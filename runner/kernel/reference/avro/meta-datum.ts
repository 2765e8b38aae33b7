// `strmMeta` of one sealed event as an Avro record, after what `MetaText` was turned to.
import { metaMembers } from "../../../plan/shape.ts";
import { KEY_LINK_BYTES } from "../../../privacy/link-table.ts";
import type { MetaText } from "../meta-text.ts";
import type { Output } from "../output.ts";
import { mark } from "../tape.ts";
import type { ReadyField } from "./ready.ts";
import { longInto } from "./varints.ts";

export class MetaDatum {
  private readonly meta: MetaText;
  private readonly contract: Uint8Array;
  /** The members that the contract declares, and after them those that it lacks. */
  private readonly own: readonly ReadyField[];
  private readonly lacking: readonly number[];

  constructor(meta: MetaText, contract: string, own: readonly ReadyField[]) {
    this.meta = meta;
    this.contract = Buffer.from(contract);
    this.own = own;
    this.lacking = metaMembers.flatMap((name, member) =>
      own.some((field) => field.name === name) ? [] : [member],
    );
  }

  /** Appends the whole record, its other members by their defaults. */
  whole(target: Output): void {
    for (const { meta, absent } of this.own) {
      if (meta >= mark.members) this.value(target, meta - mark.members);
      else if (absent !== undefined) target.copy(absent, 0, absent.length);
    }
    this.missing(target);
  }

  /** Appends the members that the contract does not declare. */
  missing(target: Output): void {
    for (const member of this.lacking) this.value(target, member);
  }

  /** Appends one member's value, in the order of `metaMembers`. */
  value(target: Output, member: number): void {
    const { nonce, timeMs, row, table, levels } = this.meta.now;
    switch (member) {
      case 0:
        longInto(target, this.contract.length);
        target.copy(this.contract, 0, this.contract.length);
        break;
      case 1:
        longInto(target, nonce);
        break;
      case 2:
        longInto(target, timeMs);
        break;
      case 3: {
        const start = table.keyLinkAt(row);
        longInto(target, KEY_LINK_BYTES);
        target.copy(table.page(row).bytes, start, start + KEY_LINK_BYTES);
        break;
      }
      default:
        if (levels.length > 0) longInto(target, levels.length);
        for (const level of levels) longInto(target, level);
        target.byte(0);
    }
  }
}
