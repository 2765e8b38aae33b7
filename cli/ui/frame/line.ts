// Lines of a screen as plain data: pieces of text with what they mean, to be cut to a width and painted at the very end.
import type { Style } from "../../terminal.ts";

export type Tone = keyof Style;

export interface Piece {
  readonly text: string;
  /** Absent: as the terminal has it. */
  readonly tone?: Tone;
}

export type Line = readonly Piece[];

export const plain = (text: string): Piece => ({ text });
export const toned = (tone: Tone, text: string): Piece => ({ text, tone });

export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + text.length, 0);

export const textOf = (line: Line): string => line.map(({ text }) => text).join("");

/** Its first columns, with a mark where something was cut off. */
export function cutTo(line: Line, columns: number, mark: string): Line {
  if (widthOf(line) <= columns) return line;
  let room = Math.max(0, columns - mark.length);
  const kept: Piece[] = [];
  for (const piece of line) {
    const text = piece.text.slice(0, room);
    room -= text.length;
    if (text !== "") kept.push({ ...piece, text });
  }
  return [...kept, plain(mark.slice(0, columns))];
}

/** `right` at the end of the line; it goes first where there is no room for both. */
export function apart(left: Line, right: Line, columns: number): Line {
  const gap = columns - widthOf(left) - widthOf(right);
  return gap < 2 ? left : [...left, plain(" ".repeat(gap)), ...right];
}

/** With the codes of a terminal, as far as `style` has some. */
export function painted(line: Line, style: Style): string {
  return line
    .map(({ text, tone }) => (tone === undefined || text.trim() === "" ? text : style[tone](text)))
    .join("")
    .trimEnd();
}

/** Words in lines of at most that many columns; a longer word stands alone. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
