// What a picture is drawn on.
import type { Glyphs } from "./glyphs.ts";

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: Glyphs;
}
