// The columns of CSV as the nested names of an event.
import type { CsvColumn } from "../../../plan/csv-plan.ts";
import { NameTable } from "../name-table.ts";

export interface TreeNode {
  readonly members: readonly TreeMember[];
  readonly names: NameTable;
}

export interface TreeMember {
  /** The name as JSON, with the colon. */
  readonly quoted: Uint8Array;
  /** -1 where it holds columns and is none. */
  readonly column: number;
  readonly inner: TreeNode | undefined;
}

export function columnTree(columns: readonly CsvColumn[]): TreeNode {
  return nodeOf(columns.map(({ path }, column) => ({ path, column })));
}

interface Place {
  readonly path: readonly string[];
  readonly column: number;
}

function nodeOf(places: readonly Place[]): TreeNode {
  const byName = [...Map.groupBy(places, ({ path }) => path[0] ?? "")];
  return {
    members: byName.map(([name, within]) => {
      const own = within.find(({ path }) => path.length === 1);
      const below = within.filter((place) => place !== own);
      return {
        quoted: Buffer.from(`"${name}":`),
        column: own?.column ?? -1,
        inner:
          below.length === 0
            ? undefined
            : nodeOf(below.map(({ path, column }) => ({ path: path.slice(1), column }))),
      };
    }),
    names: new NameTable(byName.map(([name]) => name)),
  };
}
