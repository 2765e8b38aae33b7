// The text that is formatted, and where its comments are.
import type { Comment } from "../syntax/parse.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

export class Source {
  readonly #text: string;
  readonly #comments: readonly Comment[];

  constructor(text: string, comments: readonly Comment[]) {
    this.#text = text;
    this.#comments = comments;
  }

  text({ start, end }: Range): string {
    return this.#text.slice(start, end);
  }

  /** The text as it stands, as one element that is not indented anew. */
  verbatim(range: Range): readonly string[] {
    return [this.text(range)];
  }

  commentsIn({ start, end }: Range): readonly Comment[] {
    let low = 0;
    let high = this.#comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#comments[middle]?.span.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const found: Comment[] = [];
    for (let i = low; i < this.#comments.length; i++) {
      const comment = this.#comments[i];
      if (comment === undefined || comment.span.end > end) break;
      found.push(comment);
    }
    return found;
  }

  hasComment(range: Range): boolean {
    return this.commentsIn(range).length > 0;
  }

  onOneLine(start: number, end: number): boolean {
    return !this.#text.slice(start, end).includes("\n");
  }

  /** New lines between two offsets, comments aside. */
  newLines(start: number, end: number): number {
    return this.#text.slice(start, end).split("\n").length - 1;
  }

  /** True where `after` stands on the line below `before`, with no comment between. */
  areNeighbours(before: Range, after: Range): boolean {
    const between = { start: before.end, end: after.start };
    return this.newLines(between.start, between.end) === 1 && !this.hasComment(between);
  }
}
