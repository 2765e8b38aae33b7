// The one set of names of a program: contracts, keys, streams and params, who declares them and who uses them.
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type {
  ContractStatement,
  DecryptStatement,
  EncryptStatement,
  KeysStatement,
  Name,
  ParamStatement,
  SourceStatement,
} from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import { lostText, type Unit } from "./unit.ts";

export type StreamStatement = SourceStatement | EncryptStatement | DecryptStatement;
export type Declaration = ParamStatement | ContractStatement | KeysStatement | StreamStatement;

export class Names {
  readonly #byName = new Map<string, Declaration>();
  readonly #used = new Set<Declaration>();
  readonly #unresolved = new Set<Declaration["kind"]>();
  /** Every word of what the parser could make nothing of. */
  readonly #lostWords: ReadonlySet<string>;
  readonly #whole: boolean;
  readonly #report: (report: Diagnostic) => void;

  /** Collects the declarations of all units; of imported ones only what an import brings in. */
  constructor(units: readonly Unit[], entry: Unit, whole: boolean, report: (report: Diagnostic) => void) {
    this.#report = report;
    this.#whole = whole;
    this.#lostWords = new Set(units.flatMap((unit) => lostText(unit).match(/\w+/g) ?? []));
    for (const unit of units) {
      for (const statement of unit.tree.statements) {
        if (isDeclaration(statement) && (unit === entry || !isStream(statement))) this.#declare(statement);
      }
    }
  }

  /** Everything that is declared, in the order of files and places. */
  all(): Iterable<Declaration> {
    return this.#byName.values();
  }

  /** Names of a kind, for listings and did-you-mean. */
  of(...kinds: readonly Declaration["kind"][]): readonly string[] {
    return [...this.#byName].flatMap(([name, declaration]) =>
      kinds.includes(declaration.kind) ? [name] : [],
    );
  }

  isUsed(declaration: Declaration): boolean {
    return this.#used.has(declaration);
  }

  markUsed(declaration: Declaration): void {
    this.#used.add(declaration);
  }

  /** The declaration of a name without counting it as a use. */
  get(name: string): Declaration | undefined {
    return this.#byName.get(name);
  }

  contract(name: Name): ContractStatement | undefined {
    const found = this.#use(name, "a contract", ["contract"]);
    return found?.kind === "contract" ? found : undefined;
  }

  keys(name: Name): KeysStatement | undefined {
    const found = this.#use(name, "a key store", ["keys"]);
    return found?.kind === "keys" ? found : undefined;
  }

  stream(name: Name): StreamStatement | undefined {
    const found = this.#use(name, "a stream", ["source", "encrypt", "decrypt"]);
    return found !== undefined && isStream(found) ? found : undefined;
  }

  /** True where some name of that kind could not be resolved: it may have meant any. */
  hasUnresolved(kind: Declaration["kind"]): boolean {
    return this.#unresolved.has(kind);
  }

  noteUnresolved(kind: Declaration["kind"]): void {
    this.#unresolved.add(kind);
  }

  /** True where the name may be declared in a statement or a file that couldn't be read. */
  mayBeLost(name: string): boolean {
    return !this.#whole || this.#lostWords.has(name);
  }

  #declare(statement: Declaration): void {
    const name = statement.name.text;
    const before = this.#byName.get(name);
    if (before === undefined) {
      this.#byName.set(name, statement);
      return;
    }
    const nouns = [before, statement].map(nounOf);
    const message =
      nouns[0] === nouns[1]
        ? `\`${name}\` is declared twice.`
        : `\`${name}\` is ${nouns[0]} already, and can't be ${nouns[1]} too.`;
    this.#report(
      diagnostic("name.duplicate", statement.name.span, message, {
        label: "declared again here",
        help: "Give one of them another name. Contracts, keys, streams and params share one set of names.",
        related: [{ span: before.name.span, message: "first declared here" }],
      }),
    );
  }

  #use(name: Name, noun: string, kinds: readonly Declaration["kind"][]): Declaration | undefined {
    const found = this.#byName.get(name.text);
    if (found === undefined || !kinds.includes(found.kind))
      for (const kind of kinds) this.noteUnresolved(kind);
    if (found === undefined) {
      // No import brings in a stream.
      const lost = kinds.includes("source") ? this.#lostWords.has(name.text) : this.mayBeLost(name.text);
      if (!lost) this.#reportUnknown(name, noun, kinds);
      return undefined;
    }
    this.markUsed(found);
    if (kinds.includes(found.kind)) return found;
    const message = `\`${name.text}\` is ${nounOf(found)}, not ${noun}.`;
    const candidates = this.of(...kinds);
    const help = candidates.length === 0 ? "The program declares none." : listing(noun, candidates);
    const related = [{ span: found.name.span, message: "declared here" }];
    this.#report(diagnostic("name.wrong-kind", name.span, message, { label: `not ${noun}`, help, related }));
    return undefined;
  }

  #reportUnknown(name: Name, noun: string, kinds: readonly Declaration["kind"][]): void {
    const candidates = this.of(...kinds);
    const near = closest(name.text, candidates);
    const help =
      near === undefined ? howToDeclare(name.text, kinds, candidates, noun) : `Did you mean \`${near}\`?`;
    const label = "not declared";
    this.#report(
      diagnostic("name.unknown", name.span, `There is no ${bare(noun)} \`${name.text}\`.`, { label, help }),
    );
  }
}

/** What a declaration is, with its article. */
export function nounOf(declaration: Declaration): string {
  if (declaration.kind === "keys") return "a key store";
  return isStream(declaration) ? "a stream" : `a ${declaration.kind}`;
}

export function isStream(statement: Declaration): statement is StreamStatement {
  return statement.kind === "source" || statement.kind === "encrypt" || statement.kind === "decrypt";
}

function isDeclaration(statement: Unit["tree"]["statements"][number]): statement is Declaration {
  return statement.kind !== "import" && statement.kind !== "purposes" && statement.kind !== "sink";
}

function bare(noun: string): string {
  return noun.replace(/^an? /, "");
}

function listing(noun: string, names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``);
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  return `The ${bare(noun)}${names.length === 1 ? " is" : "s are"} ${shown.join(", ")}${rest}.`;
}

function howToDeclare(
  name: string,
  kinds: readonly Declaration["kind"][],
  candidates: readonly string[],
  noun: string,
): string {
  if (candidates.length > 0) return `${listing(noun, candidates)} Or declare \`${name}\`.`;
  if (kinds.includes("contract"))
    return `Declare it: contract ${name} as "handle/name/1.0.0" from "schema.avsc" { … }`;
  if (kinds.includes("keys")) return `Declare it: keys ${name} in STORE`;
  return `Declare it: source ${name} of CONTRACT from CONNECTOR`;
}
