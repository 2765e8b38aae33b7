// The grammar, and the only place that parses: heads of statements, and the entries of their blocks, each by itself.
import { defaultParserErrorProvider, EmbeddedActionsParser, type IToken } from "chevrotain";
import type { Span } from "../text/span.ts";
import type {
  Annotation,
  Argument,
  BlockAttribute,
  CallValue,
  ContractField,
  ListValue,
  Name,
  ObjectEntry,
  ObjectValue,
  OptionEntry,
  Path,
  PurposeEntry,
  StreamReference,
  StringValue,
  TypeExpression,
  Value,
} from "./ast.ts";
import { type LiteralProblem, readQuantity, readRegex, readString } from "./literals.ts";
import * as t from "./tokens.ts";

/** What stands before a statement's block. */
export type Head =
  | { readonly kind: "import"; readonly path: StringValue }
  | { readonly kind: "param"; readonly name: Name; readonly value: Value }
  | { readonly kind: "purposes" }
  | { readonly kind: "contract"; readonly name: Name; readonly ref: StringValue; readonly from?: StringValue }
  | { readonly kind: "keys"; readonly name: Name; readonly store: Name }
  | {
      readonly kind: "source";
      readonly name: Name;
      readonly sealed: boolean;
      readonly contract: Name;
      readonly connector: Name;
    }
  | { readonly kind: "encrypt"; readonly from: Name; readonly name: Name }
  | {
      readonly kind: "decrypt";
      readonly from: Name;
      readonly name: Name;
      readonly mode: Name;
      readonly purposes: readonly Value[];
    }
  | { readonly kind: "sink"; readonly stream: StreamReference; readonly connector: Name };

/** Where alternatives fail, the description given with them is the whole message. */
const inOurWords = {
  ...defaultParserErrorProvider,
  buildNoViableAltMessage: (found: { customUserDescription?: string }) =>
    found.customUserDescription ?? "something else",
};

/** The messages say what is expected in the user's words; a rule's error is reported with the place it broke at. */
export class Grammar extends EmbeddedActionsParser {
  #file = "";
  #report: (problem: LiteralProblem) => void = () => {};

  constructor() {
    super(t.allTokens, { skipValidations: true, maxLookahead: 2, errorMessageProvider: inOurWords });
    this.performSelfAnalysis();
  }

  /** Sets what is parsed next. */
  read(file: string, tokens: IToken[], report: (problem: LiteralProblem) => void): this {
    this.#file = file;
    this.#report = report;
    this.input = tokens;
    return this;
  }

  #span(from: Span | IToken, to: Span | IToken = from): Span {
    if (this.RECORDING_PHASE) return { file: "", start: 0, end: 0 };
    const start = "startOffset" in from ? from.startOffset : from.start;
    const end = "startOffset" in to ? (to.endOffset ?? to.startOffset) + 1 : to.end;
    return { file: this.#file, start, end };
  }

  #name(occurrence: 1 | 2 | 3 | 4, expected: string): Name {
    const options = { ERR_MSG: expected };
    const token =
      occurrence === 1
        ? this.CONSUME1(t.Identifier, options)
        : occurrence === 2
          ? this.CONSUME2(t.Identifier, options)
          : occurrence === 3
            ? this.CONSUME3(t.Identifier, options)
            : this.CONSUME4(t.Identifier, options);
    return { text: token.image, span: this.#span(token) };
  }

  readonly importHead = this.RULE("importHead", (): Head => {
    this.CONSUME(t.Import);
    const path = this.SUBRULE(this.text, { ARGS: ["the path of a file in quotes after `import`"] });
    return { kind: "import", path };
  });

  readonly paramHead = this.RULE("paramHead", (): Head => {
    this.CONSUME(t.Param);
    const name = this.#name(1, "a name after `param`");
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and a value after the param's name" });
    const value = this.SUBRULE(this.value);
    return { kind: "param", name, value };
  });

  readonly purposesHead = this.RULE("purposesHead", (): Head => {
    this.CONSUME(t.Purposes);
    return { kind: "purposes" };
  });

  readonly contractHead = this.RULE("contractHead", (): Head => {
    this.CONSUME(t.Contract);
    const name = this.#name(1, "a name after `contract`");
    this.CONSUME(t.As, { ERR_MSG: '`as` and the contract\'s reference, such as as "acme/clicks/1.0.0"' });
    const ref = this.SUBRULE1(this.text, {
      ARGS: ['the contract\'s reference in quotes, such as "acme/clicks/1.0.0"'],
    });
    const from = this.OPTION(() => {
      this.CONSUME(t.From);
      return this.SUBRULE2(this.text, { ARGS: ["the path of an Avro schema in quotes after `from`"] });
    });
    return { kind: "contract", name, ref, ...(from === undefined ? {} : { from }) };
  });

  readonly keysHead = this.RULE("keysHead", (): Head => {
    this.CONSUME(t.Keys);
    const name = this.#name(1, "a name after `keys`");
    this.CONSUME(t.In, { ERR_MSG: "`in` and the key store, such as in sqlite" });
    const store = this.#name(2, "the key store after `in`");
    return { kind: "keys", name, store };
  });

  readonly sourceHead = this.RULE("sourceHead", (): Head => {
    this.CONSUME(t.Source);
    const name = this.#name(1, "a name for the stream after `source`");
    this.CONSUME(t.Of, { ERR_MSG: "`of` and the contract of the events" });
    const sealed = this.OPTION({
      // A contract may be called `sealed` itself.
      GATE: () => this.LA(2).tokenType !== t.From || this.LA(3).tokenType === t.From,
      DEF: () => this.CONSUME(t.Sealed),
    });
    const contract = this.#name(2, "the name of a contract after `of`");
    this.CONSUME(t.From, { ERR_MSG: "`from` and the connector to read from" });
    const connector = this.#name(3, "the connector after `from`, such as file");
    return { kind: "source", name, sealed: sealed !== undefined, contract, connector };
  });

  readonly encryptHead = this.RULE("encryptHead", (): Head => {
    this.CONSUME(t.Encrypt);
    const from = this.#name(1, "the stream to seal after `encrypt`");
    this.CONSUME(t.Into, { ERR_MSG: "`into` and a name for the sealed stream" });
    const name = this.#name(2, "a name for the sealed stream after `into`");
    return { kind: "encrypt", from, name };
  });

  readonly decryptHead = this.RULE("decryptHead", (): Head => {
    this.CONSUME(t.Decrypt);
    const from = this.#name(1, "the sealed stream to open after `decrypt`");
    this.CONSUME(t.Into, { ERR_MSG: "`into` and a name for the opened stream" });
    const name = this.#name(2, "a name for the opened stream after `into`");
    this.CONSUME(t.For, { ERR_MSG: "`for` and the purposes, such as for granular(analytics)" });
    const mode = this.#name(3, "`granular(…)` or `cumulative(…)` after `for`");
    this.CONSUME(t.OpenParen, { ERR_MSG: "the purposes in parentheses, such as (analytics)" });
    const purposes: Value[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => purposes.push(this.SUBRULE(this.value)) });
    this.CONSUME(t.CloseParen, { ERR_MSG: "`)` after the purposes" });
    return { kind: "decrypt", from, name, mode, purposes };
  });

  readonly sinkHead = this.RULE("sinkHead", (): Head => {
    this.CONSUME(t.Sink);
    const name = this.#name(1, "the stream to write after `sink`");
    const side = this.OPTION(() => {
      this.CONSUME(t.Dot);
      return this.#name(2, "`rejected` or `keys` after the dot");
    });
    this.CONSUME(t.Into, { ERR_MSG: "`into` and the connector to write to" });
    const connector = this.#name(3, "the connector after `into`, such as file");
    const span = this.#span(name.span, (side ?? name).span);
    return { kind: "sink", stream: { name, span, ...(side === undefined ? {} : { side }) }, connector };
  });

  readonly optionEntry = this.RULE("optionEntry", (): OptionEntry => {
    const name = this.#name(1, "the name of an option");
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and a value after the option's name" });
    const value = this.SUBRULE(this.value);
    return { name, value, span: this.#span(name.span, value.span) };
  });

  readonly purposeEntry = this.RULE("purposeEntry", (): PurposeEntry => {
    const name = this.#name(1, "the name of a purpose");
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and a consent level after the purpose's name" });
    const token = this.CONSUME(t.Numeral, { ERR_MSG: "the purpose's consent level, such as 0" });
    const reason = this.OPTION(() => this.SUBRULE(this.text, { ARGS: ["the reason in quotes"] }));
    const level = {
      kind: "number",
      text: token.image,
      value: Number(token.image),
      span: this.#span(token),
    } as const;
    const span = this.#span(name.span, reason?.span ?? token);
    return { name, level, span, ...(reason === undefined ? {} : { reason }) };
  });

  readonly contractField = this.RULE("contractField", (): ContractField => {
    const path = this.SUBRULE(this.path, { ARGS: ["the path of a field"] });
    const type = this.OPTION(() => {
      this.CONSUME(t.Colon);
      return this.SUBRULE(this.type);
    });
    const annotations: Annotation[] = [];
    this.MANY(() => annotations.push(this.SUBRULE(this.annotation)));
    const span = this.#span(path.span, annotations.at(-1)?.span ?? type?.span ?? path.span);
    return { path, annotations, span, ...(type === undefined ? {} : { type }) };
  });

  readonly blockAttribute = this.RULE("blockAttribute", (): BlockAttribute => {
    const at = this.CONSUME(t.AtAt);
    const name = this.#name(1, "the name of a block attribute after `@@`, such as unknown");
    const { args, end } = this.SUBRULE(this.args, { ARGS: [name.span] });
    return { name, args, span: this.#span(at, end) };
  });

  readonly annotation = this.RULE("annotation", (): Annotation => {
    const at = this.CONSUME(t.At);
    const name = this.#name(1, "the name of an annotation after `@`, such as pii");
    const { args, end } = this.SUBRULE(this.args, { ARGS: [name.span] });
    return { name, args, span: this.#span(at, end) };
  });

  /** Arguments in parentheses, or none at all. */
  private readonly args = this.RULE("args", (before: Span): { args: readonly Argument[]; end: Span } => {
    const args: Argument[] = [];
    const close = this.OPTION(() => {
      this.CONSUME(t.OpenParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.argument)) });
      return this.CONSUME(t.CloseParen, { ERR_MSG: "`)` after the arguments" });
    });
    return { args, end: close === undefined ? before : this.#span(close) };
  });

  private readonly argument = this.RULE("argument", (): Argument => {
    const name = this.OPTION({
      GATE: () => this.LA(2).tokenType === t.Equals,
      DEF: () => {
        const word = this.#name(1, "the name of an argument");
        this.CONSUME(t.Equals);
        return word;
      },
    });
    const value = this.SUBRULE(this.value);
    const span = this.#span(name?.span ?? value.span, value.span);
    return { value, span, ...(name === undefined ? {} : { name }) };
  });

  private readonly type = this.RULE("type", (): TypeExpression => {
    let type = this.OR({
      DEF: [
        {
          ALT: (): TypeExpression => {
            const name = this.#name(1, "a type");
            return { kind: "named", name, span: name.span };
          },
        },
        {
          ALT: (): TypeExpression => {
            const open = this.CONSUME(t.OpenBrace);
            const fields: ContractField[] = [];
            let more = true;
            this.MANY1({
              GATE: () => more,
              DEF: () => {
                fields.push(this.SUBRULE(this.contractField));
                more = this.#separated(true);
              },
            });
            const close = this.CONSUME(t.CloseBrace, { ERR_MSG: "a field, or `}` at the record's end" });
            return { kind: "record", fields, span: this.#span(open, close) };
          },
        },
      ],
      ERR_MSG: "a type: string, int, long, float, double, boolean, bytes, or a record in braces",
    });
    this.MANY2(() => {
      this.OR2([
        {
          ALT: () => {
            const mark = this.CONSUME(t.Question);
            type = { kind: "optional", of: type, span: this.#span(type?.span ?? mark, mark) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.OpenBracket);
            const mark = this.CONSUME(t.CloseBracket, { ERR_MSG: "`]`: a list type is written string[]" });
            type = { kind: "list", of: type, span: this.#span(type?.span ?? mark, mark) };
          },
        },
      ]);
    });
    return type;
  });

  private readonly path = this.RULE("path", (expected: string): Path => {
    const first = this.#name(1, expected);
    const segments = [first];
    this.MANY(() => {
      this.CONSUME(t.Dot);
      segments.push(this.#name(2, "a name after the dot"));
    });
    const text = segments.map((segment) => segment.text).join(".");
    return { segments, text, span: this.#span(first.span, (segments.at(-1) ?? first).span) };
  });

  private readonly text = this.RULE("text", (expected: string): StringValue => {
    const token = this.CONSUME(t.Text, { ERR_MSG: expected });
    return this.ACTION(() => readString(token.image, this.#span(token), this.#report));
  });

  readonly value = this.RULE(
    "value",
    (): Value =>
      this.OR({
        DEF: [
          { ALT: () => this.SUBRULE(this.text, { ARGS: ["a text"] }) },
          { ALT: () => this.#number(this.CONSUME(t.Numeral)) },
          { ALT: () => this.#quantity(this.CONSUME(t.Quantity)) },
          { ALT: () => this.#regex(this.CONSUME(t.Regex)) },
          { ALT: () => this.#boolean(this.CONSUME(t.True), true) },
          { ALT: () => this.#boolean(this.CONSUME(t.False), false) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.object) },
          { GATE: () => this.LA(2).tokenType === t.OpenParen, ALT: () => this.SUBRULE(this.call) },
          { ALT: () => this.SUBRULE(this.pathValue) },
        ],
        ERR_MSG: "a value",
        IGNORE_AMBIGUITIES: true,
      }),
  );

  #number(token: IToken): Value {
    return { kind: "number", text: token.image, value: Number(token.image), span: this.#span(token) };
  }

  #boolean(token: IToken, value: boolean): Value {
    return { kind: "boolean", value, span: this.#span(token) };
  }

  #quantity(token: IToken): Value {
    return this.ACTION(() => readQuantity(token.image, this.#span(token), this.#report));
  }

  #regex(token: IToken): Value {
    return this.ACTION(() => readRegex(token.image, this.#span(token)));
  }

  private readonly pathValue = this.RULE("pathValue", (): Value => {
    const path = this.SUBRULE(this.path, { ARGS: ["a name"] });
    return { kind: "path", path, span: path?.span };
  });

  private readonly call = this.RULE("call", (): CallValue => {
    const name = this.#name(1, "a name");
    this.CONSUME(t.OpenParen);
    const args: Value[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.value)) });
    const close = this.CONSUME(t.CloseParen, { ERR_MSG: "`)` after the arguments" });
    return { kind: "call", name, args, span: this.#span(name.span, close) };
  });

  private readonly list = this.RULE("list", (): ListValue => {
    const open = this.CONSUME(t.OpenBracket);
    const items: Value[] = [];
    let more = true;
    this.MANY({
      GATE: () => more,
      DEF: () => {
        items.push(this.SUBRULE(this.value));
        more = this.#separated(false);
      },
    });
    const close = this.CONSUME(t.CloseBracket, { ERR_MSG: "a comma, or `]` at the list's end" });
    return { kind: "list", items, span: this.#span(open, close) };
  });

  /** Whether a further item may follow: behind a comma, or on a new line where that separates as well. */
  #separated(byLines: boolean): boolean {
    let comma = false;
    this.OPTION9(() => {
      this.CONSUME9(t.Comma);
      comma = true;
    });
    if (comma || this.RECORDING_PHASE) return true;
    return byLines && (this.LA(1).startLine ?? 0) > (this.LA(0).endLine ?? 0);
  }

  private readonly object = this.RULE("object", (): ObjectValue => {
    const open = this.CONSUME(t.OpenBrace);
    const entries: ObjectEntry[] = [];
    let more = true;
    this.MANY({
      GATE: () => more,
      DEF: () => {
        entries.push(this.SUBRULE(this.objectEntry));
        more = this.#separated(true);
      },
    });
    const close = this.CONSUME(t.CloseBrace, { ERR_MSG: "a comma, or `}` at the object's end" });
    return { kind: "object", entries, span: this.#span(open, close) };
  });

  private readonly objectEntry = this.RULE("objectEntry", (): ObjectEntry => {
    const key = this.OR1({
      DEF: [
        { ALT: () => this.#name(1, "a key") },
        {
          ALT: (): Name => {
            const token = this.CONSUME(t.Text);
            return this.ACTION(() => {
              const { parts, span } = readString(token.image, this.#span(token), this.#report);
              return { text: parts.map((part) => (part.kind === "text" ? part.text : "")).join(""), span };
            });
          },
        },
      ],
      ERR_MSG: "a key: a name, or a text in quotes",
    });
    this.OR2({
      DEF: [{ ALT: () => this.CONSUME(t.Equals) }, { ALT: () => this.CONSUME(t.Colon) }],
      ERR_MSG: "`=` or `:` and a value after the key",
    });
    const value = this.SUBRULE(this.value);
    return { key, value, span: this.#span(key?.span ?? value?.span, value?.span) };
  });
}
