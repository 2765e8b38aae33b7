// What a picture is drawn on.

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** It shows nothing but ASCII. */
  readonly ascii: boolean;
}
