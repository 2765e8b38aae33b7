// The words of the language: what the lexer tells apart. Keywords are names too, so options and fields may use them.
import { createToken, Lexer, type TokenType } from "chevrotain";

export const Identifier = createToken({ name: "Identifier", pattern: /[A-Za-z_][A-Za-z0-9_]*/ });

const keyword = (word: string): TokenType =>
  createToken({ name: `Keyword_${word}`, pattern: word, longer_alt: Identifier, categories: [Identifier] });

export const Import = keyword("import");
export const Param = keyword("param");
export const Purposes = keyword("purposes");
export const Contract = keyword("contract");
export const Keys = keyword("keys");
export const Source = keyword("source");
export const Encrypt = keyword("encrypt");
export const Decrypt = keyword("decrypt");
export const Sink = keyword("sink");
/** The words that a statement starts with. */
export const statementTokens = [Import, Param, Purposes, Contract, Keys, Source, Encrypt, Decrypt, Sink];

export const As = keyword("as");
export const From = keyword("from");
export const In = keyword("in");
export const Into = keyword("into");
export const For = keyword("for");
export const Of = keyword("of");
export const Sealed = keyword("sealed");
export const True = keyword("true");
export const False = keyword("false");
/** The words that go on with a statement, so that a line which starts with one starts no new statement. */
export const clauseTokens = [As, From, Into, In, For, Of];

export const Text = createToken({ name: "Text", pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/ });
export const UnclosedString = createToken({
  name: "UnclosedString",
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/,
});
export const Numeral = createToken({
  name: "Numeral",
  pattern: /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])/,
});
/** A number with something behind it: `24h`, `64KiB`, and what is neither. */
export const Quantity = createToken({ name: "Quantity", pattern: /-?[0-9][A-Za-z0-9_.]*/ });
export const Regex = createToken({
  name: "Regex",
  pattern: /\/(?![/*])(?:[^/\\[\r\n]|\\[^\r\n]|\[(?:[^\]\\\r\n]|\\[^\r\n])*\])+\/[A-Za-z]*/,
});

export const OpenBrace = createToken({ name: "OpenBrace", pattern: "{" });
export const CloseBrace = createToken({ name: "CloseBrace", pattern: "}" });
export const OpenBracket = createToken({ name: "OpenBracket", pattern: "[" });
export const CloseBracket = createToken({ name: "CloseBracket", pattern: "]" });
export const OpenParen = createToken({ name: "OpenParen", pattern: "(" });
export const CloseParen = createToken({ name: "CloseParen", pattern: ")" });
export const AtAt = createToken({ name: "AtAt", pattern: "@@" });
export const At = createToken({ name: "At", pattern: "@" });
export const Equals = createToken({ name: "Equals", pattern: "=" });
export const Colon = createToken({ name: "Colon", pattern: ":" });
export const Comma = createToken({ name: "Comma", pattern: "," });
export const Dot = createToken({ name: "Dot", pattern: "." });
export const Question = createToken({ name: "Question", pattern: "?" });

const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const LineComment = createToken({ name: "LineComment", pattern: /\/\/[^\r\n]*/, group: "comments" });
export const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[\s\S]*?\*\//,
  group: "comments",
  line_breaks: true,
});
export const UnclosedComment = createToken({
  name: "UnclosedComment",
  pattern: /\/\*[\s\S]*/,
  line_breaks: true,
});

const keywords = [...statementTokens, ...clauseTokens, Sealed, True, False];

/** In the order in which they are tried. */
export const allTokens: TokenType[] = [
  WhiteSpace,
  LineComment,
  BlockComment,
  UnclosedComment,
  ...keywords,
  Identifier,
  Numeral,
  Quantity,
  Text,
  UnclosedString,
  Regex,
  OpenBrace,
  CloseBrace,
  OpenBracket,
  CloseBracket,
  OpenParen,
  CloseParen,
  AtAt,
  At,
  Equals,
  Colon,
  Comma,
  Dot,
  Question,
];

/** The definitions are held right by a test, so that no start of the program pays for checking them. */
export const lexer = new Lexer(allTokens, { skipValidations: true, positionTracking: "full" });
