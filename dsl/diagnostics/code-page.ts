// What `strm explain CODE` says of a code; diagnostics, run failures and event rejections share this shape.

/** The page of one stable code. The texts are Markdown; `example` is a `.strm` excerpt, JSON or a command line. */
export interface CodePage {
  /** One line, no full stop: what is wrong, in general terms. */
  readonly title: string;
  /** Why strm refuses or warns. */
  readonly why: string;
  /** What to do next. */
  readonly fix: string;
  /** The shortest input that shows it, and the same put right. */
  readonly example?: { readonly wrong: string; readonly right?: string };
}
