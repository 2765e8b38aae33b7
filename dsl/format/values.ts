// How values and entries are written.
import type { Argument, OptionEntry, PurposeEntry, Value } from "../syntax/ast.ts";
import type { Source } from "./source.ts";

const widestList = 80;

/** Name and value of an entry of a block. */
export function entryText(entry: OptionEntry | PurposeEntry, source: Source): readonly [string, string] {
  if ("value" in entry) return [entry.name.text, valueText(entry.value, source)];
  const reason = entry.reason === undefined ? "" : ` ${source.text(entry.reason.span)}`;
  return [entry.name.text, `${entry.level.text}${reason}`];
}

export function argumentText({ name, value }: Argument, source: Source): string {
  return `${name === undefined ? "" : `${name.text} = `}${valueText(value, source)}`;
}

/** A value; scalars as they were spelled. A long list has one item a line. */
export function valueText(value: Value, source: Source): string {
  switch (value.kind) {
    case "list":
      return wrapped(
        "[",
        value.items.map((item) => valueText(item, source)),
        "]",
        "",
      );
    case "object": {
      const entries = value.entries.map(({ key, value: inner }) => {
        const name = source.text(key.span);
        return `${name}${name.startsWith('"') ? ":" : " ="} ${valueText(inner, source)}`;
      });
      return wrapped("{", entries, "}", " ");
    }
    case "call":
      return `${value.name.text}(${value.args.map((arg) => valueText(arg, source)).join(", ")})`;
    case "path":
      return value.path.text;
    default:
      return source.text(value.span);
  }
}

function wrapped(open: string, items: readonly string[], close: string, space: string): string {
  if (items.length === 0) return `${open}${close}`;
  const line = `${open}${space}${items.join(", ")}${space}${close}`;
  if (line.length <= widestList && !line.includes("\n")) return line;
  const inner = items.map((item) => `  ${item.replaceAll("\n", "\n  ")},\n`).join("");
  return `${open}\n${inner}${close}`;
}
