// Which columns make which fields of an event: found once for each file, by the columns' names.
import { type RecordType, type SchemaType, withoutNull } from "../../../dsl/schema/model.ts";
import { CsvFault } from "./fault.ts";

export type RowMember = CellMember | GroupMember;

/** `string`: a text that may be empty; `text`: what JSON writes as a text in a form of its own, such as a symbol. */
export type CellKind = "string" | "text" | "number" | "boolean" | "json";

export interface CellMember {
  /** As JSON, with the colon. */
  readonly name: Uint8Array;
  readonly column: number;
  readonly kind: CellKind;
  readonly nullable: boolean;
}

/** A record whose fields have columns of their own. */
export interface GroupMember {
  readonly name: Uint8Array;
  readonly members: readonly RowMember[];
  /** All columns within. */
  readonly columns: readonly number[];
  /** What it is where all of them are null: `null`, nothing at all, or a record still. */
  readonly absent: "null" | "nothing" | "record";
}

/** A group while its columns are found. */
class Draft {
  readonly groups = new Map<string, { readonly draft: Draft; readonly absent: GroupMember["absent"] }>();
  readonly cells = new Map<string, Omit<CellMember, "name">>();
  /** Names of cells and groups as they first came. */
  readonly order = new Set<string>();
}

/** What the contract does not declare is a text beside its declared neighbours. Throws a `CsvFault` where the names can't be columns. */
export function rowMembers(names: readonly string[], root: RecordType): readonly RowMember[] {
  if (new Set(names).size < names.length) throw new CsvFault("two of its columns have the same name");
  const draft = new Draft();
  for (const [column, name] of names.entries()) place(name.split("."), column, root, draft);
  return membersOf(draft);
}

function place(path: readonly string[], column: number, record: RecordType, draft: Draft): void {
  const [first = "", ...rest] = path;
  const field = record.fields.find(({ name }) => name === first);
  const { type, nullable } = field === undefined ? UNDECLARED : withoutNull(field.type);
  if (field !== undefined && rest.length > 0 && type.kind === "record") {
    if (draft.cells.has(first)) throw new CsvFault(`a column stands for ${first}, and others for its fields`);
    const absent = nullable ? "null" : field.hasDefault ? "nothing" : "record";
    const group = draft.groups.get(first) ?? { draft: new Draft(), absent };
    draft.groups.set(first, group);
    draft.order.add(first);
    place(rest, column, type, group.draft);
    return;
  }
  // A dot below no record is a part of a name that nobody declares.
  const name = path.join(".");
  if (draft.groups.has(name)) throw new CsvFault(`a column stands for ${first}, and others for its fields`);
  const own = rest.length === 0 ? { type, nullable } : UNDECLARED;
  draft.cells.set(name, { column, kind: kindOf(own.type), nullable: own.nullable });
  draft.order.add(name);
}

const UNDECLARED = { type: { kind: "string" }, nullable: true } as const satisfies {
  readonly type: SchemaType;
  readonly nullable: boolean;
};

function kindOf({ kind }: SchemaType): CellKind {
  switch (kind) {
    case "string":
      return "string";
    case "bytes":
    case "fixed":
    case "enum":
      return "text";
    case "int":
    case "long":
    case "float":
    case "double":
      return "number";
    case "boolean":
      return "boolean";
    default:
      return "json";
  }
}

function membersOf({ groups, cells, order }: Draft): readonly RowMember[] {
  return [...order].flatMap((key): readonly RowMember[] => {
    const name = Buffer.from(`${JSON.stringify(key)}:`);
    const cell = cells.get(key);
    if (cell !== undefined) return [{ name, ...cell }];
    const group = groups.get(key);
    if (group === undefined) return [];
    const members = membersOf(group.draft);
    return [{ name, members, columns: members.flatMap(columnsOf), absent: group.absent }];
  });
}

function columnsOf(member: RowMember): readonly number[] {
  return "column" in member ? [member.column] : member.columns;
}
