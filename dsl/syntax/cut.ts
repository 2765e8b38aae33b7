// Cuts a file's tokens into statements and their blocks into entries, so that a mistake spoils only its own piece.
import type { IToken } from "chevrotain";
import * as t from "./tokens.ts";

/** One statement: what stands before its block, and the block's entries, if it has one. */
export interface Piece {
  readonly head: readonly IToken[];
  readonly open?: IToken;
  /** Absent where the block is never closed. */
  readonly close?: IToken;
  readonly entries: readonly (readonly IToken[])[];
  /** Tokens behind the block on the way to the next statement. */
  readonly rest: readonly IToken[];
  /** True where brackets nest deeper than the parser follows. */
  readonly tooDeep?: IToken;
}

/** Deep enough for every program that people write, and shallow enough for the stack. */
export const maxNesting = 64;

const opening = new Set([t.OpenBrace, t.OpenBracket, t.OpenParen]);
const closing = new Set([t.CloseBrace, t.CloseBracket, t.CloseParen]);
const statementWords = new Set(t.statementTokens);
const clauseWords = new Set(t.clauseTokens);

function isWord(token: IToken): boolean {
  return token.tokenType === t.Identifier || token.tokenType.name.startsWith("Keyword_");
}

const endLine = (token: IToken): number => token.endLine ?? token.startLine ?? 0;
const onNewLine = (token: IToken, before: IToken | undefined): boolean =>
  before === undefined || (token.startLine ?? 0) > endLine(before);

/** A token that starts a statement wherever it stands outside of blocks, and at the margin also inside. */
function startsStatement(tokens: readonly IToken[], at: number, depth: number): boolean {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (token === undefined || !isWord(token) || clauseWords.has(token.tokenType)) return false;
  const newLine = onNewLine(token, before);
  if (depth === 0)
    return newLine || (before?.tokenType === t.CloseBrace && statementWords.has(token.tokenType));
  // Inside an unclosed block: a statement's word at the margin, followed by a name or a block and not by `=`, `:` or `@`.
  const next = tokens[at + 1];
  const statement = statementWords.has(token.tokenType) && newLine && token.startColumn === 1;
  return (
    statement &&
    next !== undefined &&
    (isWord(next) || next.tokenType === t.Text || next.tokenType === t.OpenBrace)
  );
}

/** Every token of the file lands in exactly one piece. */
export function cut(tokens: readonly IToken[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    if (at > start && startsStatement(tokens, at, depth)) {
      pieces.push(pieceOf(tokens.slice(start, at)));
      start = at;
      depth = 0;
    }
    const type = tokens[at]?.tokenType;
    if (type !== undefined && opening.has(type)) depth++;
    else if (type !== undefined && closing.has(type)) depth = Math.max(0, depth - 1);
  }
  if (start < tokens.length) pieces.push(pieceOf(tokens.slice(start)));
  return pieces;
}

function pieceOf(tokens: readonly IToken[]): Piece {
  const tooDeep = firstTooDeep(tokens);
  const deep = tooDeep === undefined ? {} : { tooDeep };
  // The value of a param may be an object; it has no block.
  const openAt =
    tokens[0]?.tokenType === t.Param ? -1 : tokens.findIndex((token) => token.tokenType === t.OpenBrace);
  const open = tokens[openAt];
  if (open === undefined) return { head: tokens, entries: [], rest: [], ...deep };
  const closeAt = matching(tokens, openAt);
  const close = tokens[closeAt];
  return {
    head: tokens.slice(0, openAt),
    open,
    ...(close === undefined ? {} : { close }),
    entries: cutEntries(tokens.slice(openAt + 1, close === undefined ? tokens.length : closeAt)),
    rest: close === undefined ? [] : tokens.slice(closeAt + 1),
    ...deep,
  };
}

function firstTooDeep(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0;
  for (const token of tokens) {
    if (opening.has(token.tokenType) && ++depth > maxNesting) return token;
    if (closing.has(token.tokenType)) depth--;
  }
  return undefined;
}

/** Index of the brace that closes the one at `openAt`; only braces count, so a lost bracket does no harm outside its entry. */
function matching(tokens: readonly IToken[], openAt: number): number {
  let depth = 0;
  for (let at = openAt; at < tokens.length; at++) {
    const type = tokens[at]?.tokenType;
    if (type === t.OpenBrace) depth++;
    else if (type === t.CloseBrace && --depth === 0) return at;
  }
  return -1;
}

/** Entries end at a comma or at a line's end, but not within brackets, nor where a line starts with what goes on. */
function cutEntries(tokens: readonly IToken[]): IToken[][] {
  const entries: IToken[][] = [];
  let entry: IToken[] = [];
  let depth = 0;
  const end = () => {
    if (entry.length > 0) entries.push(entry);
    entry = [];
  };
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (depth === 0 && token.tokenType === t.Comma) {
      end();
      continue;
    }
    const goesOn =
      before?.tokenType === t.Equals || before?.tokenType === t.Colon || token.tokenType === t.At;
    const looksNew =
      isWord(token) && [t.Equals, t.At, t.Colon].some((type) => tokens[at + 1]?.tokenType === type);
    // A line that reads like an entry starts one even where a bracket was left open before.
    const within = before === undefined || before.tokenType === t.Comma || opening.has(before.tokenType);
    const reset = depth > 0 && looksNew && !within && !insideBraces(entry);
    if (onNewLine(token, before) && ((depth === 0 && !goesOn) || reset)) {
      end();
      depth = 0;
    }
    entry.push(token);
    if (opening.has(token.tokenType)) depth++;
    else if (closing.has(token.tokenType)) depth = Math.max(0, depth - 1);
  }
  end();
  return entries;
}

function insideBraces(entry: readonly IToken[]): boolean {
  let depth = 0;
  for (const { tokenType } of entry) {
    if (tokenType === t.OpenBrace) depth++;
    else if (tokenType === t.CloseBrace) depth--;
  }
  return depth > 0;
}
