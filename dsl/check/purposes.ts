// Purposes: the declared names and levels of consent, and how a program's words for them are resolved.
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { GraphPurpose } from "../graph/job-graph.ts";
import { nounOf } from "../spec/bind-errors.ts";
import type { PurposeEntry, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";
import type { Names } from "./names.ts";
import { plainText, type Unit } from "./unit.ts";

const highestLevel = 1000;

export class Purposes {
  readonly #byName = new Map<string, PurposeEntry>();
  readonly #byLevel = new Map<number, PurposeEntry>();
  readonly #usedFiles = new Set<string>();
  /** True where some purpose could not be read: an unknown one may be it. */
  readonly #incomplete: boolean;
  readonly #names: Names;
  readonly #report: (report: Diagnostic) => void;
  #declared = false;

  constructor(units: readonly Unit[], names: Names, report: (report: Diagnostic) => void) {
    this.#names = names;
    this.#report = report;
    let incomplete = false;
    for (const unit of units) {
      for (const statement of unit.tree.statements) {
        if (statement.kind !== "purposes") continue;
        this.#declared = true;
        for (const entry of statement.entries) if (!this.#declare(entry)) incomplete = true;
      }
    }
    this.#incomplete = incomplete;
  }

  /** By level, ascending. */
  all(): readonly GraphPurpose[] {
    const entries = [...this.#byLevel].sort(([a], [b]) => a - b);
    return entries.map(([level, { name, reason }]) => {
      const text = reason === undefined ? undefined : plainText(reason);
      return { name: name.text, level, ...(text === undefined ? {} : { reason: text }) };
    });
  }

  isUsedOf(file: string): boolean {
    return this.#usedFiles.has(file);
  }

  /** How people call a level: `analytics`, or `level 7` where it has no name. */
  title(level: number): string {
    return this.#byLevel.get(level)?.name.text ?? `level ${level}`;
  }

  /** The level that a name or a number stands for; undefined where there is none, which was reported then. */
  resolve(value: Value): number | undefined {
    if (value.kind === "number") return this.#resolveLevel(value.value, value.span);
    if (value.kind === "path" && value.path.segments.length === 1)
      return this.#resolveName(value.path.text, value.span);
    const text = value.kind === "string" ? plainText(value) : undefined;
    const help =
      text !== undefined && this.#byName.has(text)
        ? `Write it without the quotes: ${text}`
        : "Write the name of a purpose, or its level as a number.";
    const message = "A purpose is a name or a level.";
    this.#report(
      diagnostic("purpose.form", value.span, message, { label: `this is ${nounOf(value)}`, help }),
    );
    return undefined;
  }

  /** Every level from 0 to `highest`, both included; only the declared ones where there are some. */
  upTo(highest: number): readonly number[] {
    if (!this.#declared) return Array.from({ length: highest + 1 }, (_, level) => level);
    return [...this.#byLevel.keys()].filter((level) => level <= highest).sort((a, b) => a - b);
  }

  #declare(entry: PurposeEntry): boolean {
    const { name, level } = entry;
    if (!isLevel(level.value)) {
      const message = `The level of \`${name.text}\` must be a whole number from 0 to ${highestLevel}.`;
      const help = "Levels stand in every event: choose a small number.";
      this.#report(diagnostic("purpose.level", level.span, message, { label: "not a level", help }));
      return false;
    }
    const sameName = this.#byName.get(name.text);
    const sameLevel = this.#byLevel.get(level.value);
    if (sameName !== undefined) {
      const related = [{ span: sameName.name.span, message: "first declared here" }];
      const help = "Give one of them another name, or remove it.";
      const message = `The purpose \`${name.text}\` is declared twice.`;
      this.#report(
        diagnostic("purpose.duplicate-name", name.span, message, { label: "again", help, related }),
      );
      return true;
    }
    this.#byName.set(name.text, entry);
    if (sameLevel !== undefined) {
      const related = [{ span: sameLevel.span, message: `\`${sameLevel.name.text}\` has it already` }];
      const message = `\`${name.text}\` and \`${sameLevel.name.text}\` have the same level, ${level.value}.`;
      const help = `Give \`${name.text}\` a level of its own. The next free one is ${this.#freeLevel()}.`;
      this.#report(
        diagnostic("purpose.duplicate-level", level.span, message, { label: "taken already", help, related }),
      );
      return true;
    }
    this.#byLevel.set(level.value, entry);
    return true;
  }

  #freeLevel(): number {
    let level = 0;
    while (this.#byLevel.has(level)) level += 1;
    return level;
  }

  #resolveName(name: string, span: Span): number | undefined {
    const entry = this.#byName.get(name);
    if (entry !== undefined) {
      this.#usedFiles.add(entry.span.file);
      return entry.level.value;
    }
    if (this.#incomplete || this.#names.mayBeLost(name)) return undefined;
    const near = closest(name, this.#byName.keys());
    const help = near === undefined ? this.#listing(name) : `Did you mean \`${near}\`?`;
    this.#report(
      diagnostic("purpose.unknown", span, `There is no purpose \`${name}\`.`, {
        label: "not declared",
        help,
      }),
    );
    return undefined;
  }

  #resolveLevel(level: number, span: Span): number | undefined {
    if (!isLevel(level)) {
      const message = `A purpose's level must be a whole number from 0 to ${highestLevel}.`;
      this.#report(
        diagnostic("purpose.level", span, message, {
          label: "not a level",
          help: "Write a level, or a purpose's name.",
        }),
      );
      return undefined;
    }
    const entry = this.#byLevel.get(level);
    if (entry !== undefined) this.#usedFiles.add(entry.span.file);
    if (entry !== undefined || !this.#declared || this.#incomplete) return level;
    const help = this.#listing(`level_${level}`);
    this.#report(
      diagnostic("purpose.unknown", span, `No purpose has the level ${level}.`, {
        label: "not declared",
        help,
      }),
    );
    return undefined;
  }

  #listing(name: string): string {
    if (!this.#declared) return `Declare it: purposes { ${name} = 0 "why" }. Or write its level as a number.`;
    const known = this.all().map((purpose) => `${purpose.name} (${purpose.level})`);
    return known.length === 0
      ? "Declare it in `purposes`."
      : `The declared purposes are ${known.join(", ")}.`;
  }
}

function isLevel(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= highestLevel;
}
