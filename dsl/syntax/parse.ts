// Reads a file into its syntax tree: never throws, and gives every statement that could be read with all mistakes.
import type { IRecognitionException, IToken } from "chevrotain";
import type { DiagnosticCode } from "../diagnostics/codes.ts";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";
import type {
  BlockAttribute,
  ContractField,
  OptionEntry,
  PurposeEntry,
  SourceUnit,
  Statement,
} from "./ast.ts";
import { cut, maxNesting, type Piece } from "./cut.ts";
import { Grammar, type Head } from "./grammar.ts";
import * as t from "./tokens.ts";

export interface Comment {
  readonly text: string;
  readonly span: Span;
}

export interface ParsedFile {
  readonly unit: SourceUnit;
  readonly diagnostics: readonly Diagnostic[];
  /** In the order of the file, doc comments included. */
  readonly comments: readonly Comment[];
}

/** Built at the first parse; analysing the grammar takes milliseconds that other commands need not spend. */
let grammar: Grammar | undefined;

/** Parses one file. Linear in its length. */
export function parse(file: string, text: string): ParsedFile {
  grammar ??= new Grammar();
  return new FileReader(file, text, grammar).read();
}

const endOf = (token: IToken): number => (token.endOffset ?? token.startOffset) + 1;

class FileReader {
  readonly #file: string;
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #diagnostics: Diagnostic[] = [];
  #comments: Comment[] = [];
  /** Offsets of the texts without a closing quote. */
  readonly #unclosed = new Set<number>();

  constructor(file: string, text: string, parser: Grammar) {
    this.#file = file;
    this.#text = text;
    this.#grammar = parser;
  }

  read(): ParsedFile {
    const { tokens, errors, groups } = t.lexer.tokenize(this.#text);
    this.#comments = (groups.comments ?? []).map((token) => ({ text: token.image, span: this.#span(token) }));
    for (const error of errors) {
      const span = { file: this.#file, start: error.offset, end: error.offset + Math.max(1, error.length) };
      const shown = JSON.stringify(this.#text.slice(span.start, Math.min(span.end, span.start + 12))).slice(
        1,
        -1,
      );
      this.#report("syntax.unknown-character", span, `\`${shown}\` means nothing here.`, {
        label: "not a word of the language",
        help: "Remove it, or put it into quotes if it belongs to a text.",
      });
    }
    const sound = tokens.filter((token) => !this.#reportUnclosed(token));
    const statements = cut(sound).flatMap((piece) => this.#statement(piece) ?? []);
    const span = { file: this.#file, start: 0, end: this.#text.length };
    return {
      unit: { file: this.#file, statements, span },
      diagnostics: this.#diagnostics,
      comments: this.#comments,
    };
  }

  #span(from: IToken, to: IToken = from): Span {
    return { file: this.#file, start: from.startOffset, end: endOf(to) };
  }

  #report(
    code: DiagnosticCode,
    span: Span,
    message: string,
    more: Parameters<typeof diagnostic>[3] = {},
  ): void {
    this.#diagnostics.push(diagnostic(code, span, message, more));
  }

  /** Reports a text or a comment that never ends; such a text goes on as one, such a comment is dropped. */
  #reportUnclosed(token: IToken): boolean {
    if (token.tokenType === t.UnclosedComment) {
      const span = { ...this.#span(token), end: token.startOffset + 2 };
      this.#report("syntax.unclosed-comment", span, "This comment never ends.", {
        label: "it starts here",
        help: "Add `*/` where it should end.",
      });
      return true;
    }
    if (token.tokenType === t.UnclosedString) {
      this.#report("syntax.unclosed-string", this.#span(token), "This text has no closing quote.", {
        label: "it starts here and runs to the end of the line",
        help: 'Add `"` where the text ends.',
      });
      // The rest of the line is read as the text, so that this stays the only error of its entry.
      this.#unclosed.add(token.startOffset);
      token.tokenType = t.Text;
      token.tokenTypeIdx = t.Text.tokenTypeIdx ?? token.tokenTypeIdx;
      token.image = `${token.image.replace(/\\$/, "")}"`;
    }
    return false;
  }

  #statement(piece: Piece): Statement | undefined {
    const [first] = piece.head;
    if (first === undefined) {
      const stray = piece.open ?? piece.rest[0];
      if (stray !== undefined) this.#stray(stray);
      return undefined;
    }
    if (piece.tooDeep !== undefined) {
      this.#report(
        "syntax.too-deep",
        this.#span(piece.tooDeep),
        `Brackets nest deeper than ${maxNesting} here.`,
        {
          help: "Make it flatter.",
        },
      );
      return undefined;
    }
    const head = this.#head(piece, first);
    const last = piece.close ?? piece.entries.at(-1)?.at(-1) ?? piece.open ?? piece.head.at(-1) ?? first;
    const known = t.statementTokens.includes(first.tokenType);
    // A text without its quote may have swallowed the brace: then it was reported already.
    const swallowed = piece.entries.some((entry) =>
      entry.some((token) => this.#unclosed.has(token.startOffset)),
    );
    if (known && piece.open !== undefined && piece.close === undefined && !swallowed) {
      this.#report("syntax.unclosed-block", this.#span(piece.open), "This block is never closed.", {
        label: "it starts here",
        help: "Add `}` behind its last entry.",
      });
    }
    if (known && piece.rest[0] !== undefined) this.#stray(piece.rest[0]);
    if (head === undefined) return undefined;
    const doc = this.#docAbove(first.startOffset);
    const block = piece.open && piece.close ? { block: this.#span(piece.open, piece.close) } : {};
    const base = { span: this.#span(first, last), ...block, ...(doc === undefined ? {} : { doc }) };
    switch (head.kind) {
      case "import":
      case "param":
        if (piece.open !== undefined) this.#stray(piece.open);
        return { ...head, ...base };
      case "purposes": {
        const entries = this.#entries(piece, "purpose").map((entry) => this.#withDoc(entry));
        return this.#needsBlock(piece, first, "at least one purpose")
          ? { ...head, ...base, entries }
          : undefined;
      }
      case "contract": {
        const { fields, attributes } = this.#contractEntries(piece);
        this.#needsBlock(piece, first, "its fields in braces");
        return { ...head, ...base, fields, attributes };
      }
      default:
        return { ...head, ...base, options: this.#entries(piece, "option") };
    }
  }

  #needsBlock(piece: Piece, first: IToken, what: string): boolean {
    if (piece.open !== undefined) return true;
    const last = piece.head.at(-1) ?? first;
    this.#report("syntax.missing-block", this.#span(first, last), `\`${first.image}\` needs ${what}.`, {
      help: `Add them in braces: ${first.image === "purposes" ? "purposes { functional = 0 }" : `${shown(last)} { … }`}`,
    });
    return false;
  }

  #stray(token: IToken): void {
    const closes = [t.CloseBrace, t.CloseBracket, t.CloseParen].includes(token.tokenType);
    if (closes) {
      this.#report(
        "syntax.unmatched-bracket",
        this.#span(token),
        `Nothing was opened that this \`${token.image}\` closes.`,
        {
          help: "Remove it, or add the bracket that it should close.",
        },
      );
    } else {
      this.#report(
        "syntax.unexpected",
        this.#span(token),
        `A statement was expected, not \`${shown(token)}\`.`,
        {
          help: "A statement starts with import, param, purposes, contract, keys, source, encrypt, decrypt or sink.",
        },
      );
    }
  }

  #head(piece: Piece, first: IToken): Head | undefined {
    const rules: Readonly<Record<string, () => Head>> = {
      import: () => this.#grammar.importHead(),
      param: () => this.#grammar.paramHead(),
      purposes: () => this.#grammar.purposesHead(),
      contract: () => this.#grammar.contractHead(),
      keys: () => this.#grammar.keysHead(),
      source: () => this.#grammar.sourceHead(),
      encrypt: () => this.#grammar.encryptHead(),
      decrypt: () => this.#grammar.decryptHead(),
      sink: () => this.#grammar.sinkHead(),
    };
    const rule = Object.hasOwn(rules, first.image) ? rules[first.image] : undefined;
    if (rule === undefined) {
      if (!/^[A-Za-z_]/.test(first.image)) {
        this.#stray(first);
        return undefined;
      }
      const near = closest(first.image, Object.keys(rules));
      const help =
        near === undefined
          ? "A statement starts with import, param, purposes, contract, keys, source, encrypt, decrypt or sink."
          : `Did you mean \`${near}\`?`;
      this.#report(
        "syntax.unknown-statement",
        this.#span(first),
        `There is no statement \`${shown(first)}\`.`,
        {
          label: "not a statement",
          help,
        },
      );
      return undefined;
    }
    return this.#parse(piece.head, rule, `in this \`${first.image}\` statement`);
  }

  /** Runs one rule over tokens; its first mistake is reported, and then there is no result. */
  #parse<T>(tokens: readonly IToken[], rule: () => T, where: string): T | undefined {
    const parser = this.#grammar.read(this.#file, [...tokens], (problem) =>
      this.#report(problem.code, problem.span, problem.message, { help: problem.help }),
    );
    const result = rule();
    const [error] = parser.errors;
    if (error === undefined) return result;
    this.#reportMismatch(error, tokens, where);
    return undefined;
  }

  #reportMismatch(error: IRecognitionException, tokens: readonly IToken[], where: string): void {
    const last = tokens.at(-1);
    const ended = error.token.tokenType.name === "EOF" || Number.isNaN(error.token.startOffset);
    if (error.name === "NotAllInputParsedException") {
      const next = tokens[tokens.indexOf(error.token) + 1];
      const separated = next !== undefined && [t.Equals, t.Colon].includes(next.tokenType);
      if (separated) {
        this.#report(
          "syntax.missing-separator",
          this.#span(error.token),
          "A comma is missing before this entry.",
          {
            label: "a second entry on the same line",
            help: "Separate entries by commas or new lines.",
          },
        );
      } else {
        this.#report(
          "syntax.unexpected",
          this.#span(error.token),
          `\`${shown(error.token)}\` is not expected here.`,
          {
            label: `nothing more was expected ${where}`,
          },
        );
      }
      return;
    }
    const expected = error.message;
    if (ended && last !== undefined) {
      const span = { file: this.#file, start: endOf(last) - 1, end: endOf(last) };
      this.#report("syntax.unexpected", span, `Expected ${expected}.`, { label: `it ends here, ${where}` });
      return;
    }
    const missing = `Expected ${expected}, but found \`${shown(error.token)}\`.`;
    this.#report("syntax.unexpected", this.#span(error.token), missing, { label: where });
  }

  #entries(piece: Piece, kind: "option"): OptionEntry[];
  #entries(piece: Piece, kind: "purpose"): PurposeEntry[];
  #entries(piece: Piece, kind: "option" | "purpose"): (OptionEntry | PurposeEntry)[] {
    return piece.entries.flatMap((tokens): (OptionEntry | PurposeEntry)[] => {
      const rule = kind === "option" ? () => this.#grammar.optionEntry() : () => this.#grammar.purposeEntry();
      const entry = this.#parse<OptionEntry | PurposeEntry>(tokens, rule, "in this block");
      return entry === undefined ? [] : [entry];
    });
  }

  #contractEntries(piece: Piece): { fields: ContractField[]; attributes: BlockAttribute[] } {
    const fields: ContractField[] = [];
    const attributes: BlockAttribute[] = [];
    for (const tokens of piece.entries) {
      if (tokens[0]?.tokenType === t.AtAt) {
        const attribute = this.#parse(tokens, () => this.#grammar.blockAttribute(), "in this contract");
        if (attribute !== undefined) attributes.push(attribute);
      } else {
        const field = this.#parse(tokens, () => this.#grammar.contractField(), "in this contract");
        if (field !== undefined) fields.push(this.#withDoc(field));
      }
    }
    return { fields, attributes };
  }

  #withDoc<N extends { readonly span: Span }>(node: N): N {
    const doc = this.#docAbove(node.span.start);
    return doc === undefined ? node : { ...node, doc };
  }

  /** The `///` lines right above an offset. */
  #docAbove(offset: number): string | undefined {
    const lines: string[] = [];
    let end = offset;
    let low = 0;
    let high = this.#comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#comments[middle]?.span.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      const comment = this.#comments[i];
      if (comment === undefined || !comment.text.startsWith("///")) break;
      if (!/^[ \t]*\r?\n[ \t]*$/.test(this.#text.slice(comment.span.end, end))) break;
      lines.unshift(comment.text.slice(3).trim());
      end = comment.span.start;
    }
    return lines.length === 0 ? undefined : lines.join("\n");
  }
}

/** A token's text as a message shows it: short, and on one line. */
function shown(token: IToken): string {
  return token.image.length > 24 ? `${token.image.slice(0, 23)}…` : token.image;
}
