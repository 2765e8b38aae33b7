// Writes a valid JSON event as a row of CSV: the fields that its columns name, in their order. What no column names is left out.
import type { CsvPlan } from "../../../plan/csv-plan.ts";
import { endOfName, JsonWalker } from "../json-walker.ts";
import { Output, type Viewed } from "../output.ts";
import { textOf, unescapeInto } from "../text.ts";
import { CellWriter } from "./cell-writer.ts";
import { columnTree, type TreeNode } from "./column-tree.ts";

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const nothing = 0x6e;
const openObject = 0x7b;
const closeObject = 0x7d;

export class JsonToCsv extends JsonWalker {
  private readonly tree: TreeNode;
  private readonly cells: CellWriter;
  /** By column: whether texts stand there without their quotes and escapes. */
  private readonly texts: readonly boolean[];
  /** By column: where its value starts in the event at hand; 0: the event has none. */
  private readonly places: Int32Array;
  private readonly plain = new Output(256);

  constructor(plan: CsvPlan) {
    super();
    this.tree = columnTree(plan.columns);
    this.cells = new CellWriter(plan);
    this.texts = plan.columns.map(({ form }) => form === "text");
    this.places = new Int32Array(plan.columns.length);
  }

  /** Appends the event whose `{` stands at `start`, with the row's end. */
  write(source: Viewed, start: number, target: Output): void {
    this.bytes = source.bytes;
    this.places.fill(0);
    this.record(this.tree, start);
    for (let column = 0; column < this.places.length; column++) {
      this.cells.separate(target, column > 0);
      this.cell(column, source, target);
    }
    target.byte(lineFeed);
  }

  /** Notes where the columns' values start; returns the object's end. */
  private record({ members, names }: TreeNode, open: number): number {
    let guess = 0;
    let p = this.space(open + 1);
    while (this.bytes[p] !== closeObject) {
      let index = guess;
      // Most events have their members in the order of the contract.
      let close = guess < members.length ? endOfName(members[guess]!.quoted, this.bytes, p) : -1;
      if (close < 0) {
        close = this.endOfString(p + 1);
        index = this.indexOf(names, p + 1, close);
      }
      if (index >= 0) guess = index + 1;
      const start = this.space(this.space(close + 1) + 1);
      p = this.space(this.member(members[index], start));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    return p + 1;
  }

  /** Returns the value's end. */
  private member(member: TreeNode["members"][number] | undefined, start: number): number {
    if (member?.inner !== undefined && this.bytes[start] === openObject)
      return this.record(member.inner, start);
    if (member !== undefined && member.column >= 0) this.places[member.column] = start;
    return this.endOfValue(start);
  }

  private cell(column: number, source: Viewed, target: Output): void {
    const start = this.places[column]!;
    const c = this.bytes[start];
    if (start === 0 || c === nothing) {
      this.cells.nothing(target);
      return;
    }
    if (c !== quote || this.texts[column] !== true) {
      this.cells.value(target, source, start, this.endOfValue(start));
      return;
    }
    const end = this.endOfString(start + 1);
    if (!this.escaped) {
      this.cells.value(target, source, start + 1, end);
      return;
    }
    const { plain } = this;
    plain.at = 0;
    unescapeInto(plain, this.bytes, start + 1, end);
    this.cells.value(target, plain, 0, plain.at);
  }

  private indexOf(names: TreeNode["names"], start: number, end: number): number {
    if (!this.escaped) return names.find(this.bytes, start, end);
    const name = Buffer.from(textOf(this.bytes, start, end));
    return names.find(name, 0, name.length);
  }
}
