// Where a piece of text stands: files, spans and positions.

/** A half-open range of one file; `start` and `end` are offsets in UTF-16 code units. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A place as people read it: `line` and `column` count from 1, `column` and `offset` in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}
