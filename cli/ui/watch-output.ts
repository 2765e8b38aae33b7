// A run on a whole terminal, for somebody who watches: another screen while it goes on, and the summary on the normal one at its end.
import type { RunEvent, TapSample, TapWish } from "../../runner/index.ts";
import { asciiOnly } from "../output/ascii.ts";
import { beginningLines, warningLines } from "../output/notices.ts";
import { summary } from "../output/summary.ts";
import { styleOf } from "../terminal.ts";
import { frameOf } from "./frame/frame.ts";
import { painted } from "./frame/line.ts";
import { loadPicture } from "./load-picture.ts";
import type { Picture, Terminal } from "./picture.ts";
import type { Facts } from "./state/facts.ts";
import { openScreen, press, tapWish, type Wish, withSample } from "./state/screen.ts";
import { nothingWatched, watch } from "./state/watch.ts";

/** A run that is over sooner only has its summary: a screen that flashes up helps nobody. */
const openAfterMs = 300;
const drawAfterKeyMs = 100;
/** While nobody presses anything, once a second is enough; a picture costs some ten milliseconds, which a busy run would miss. */
const drawAfterEventMs = 1000;
const drawAfterSampleMs = 250;

export interface WatchOptions extends Terminal {
  readonly file: string;
  readonly facts: Facts;
  readonly ascii: boolean;
  /** Somebody wants something of the run. */
  readonly wish: (wish: Wish) => void;
  /** Somebody wants to see events of a stream, or no more. */
  readonly look: (wish: TapWish | undefined) => void;
}

export class WatchOutput {
  readonly #options: WatchOptions;
  #screen;
  #picture: Picture | undefined;
  #opening: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #drawing: { readonly timer: NodeJS.Timeout; readonly dueMs: number } | undefined;
  #drawnMs = 0;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#screen = openScreen(nothingWatched, options.facts);
  }

  report(event: RunEvent): void {
    this.#screen = { ...this.#screen, view: watch(this.#screen.view, event) };
    const style = styleOf(this.#options.output);
    if (event.type === "started") {
      this.#write(beginningLines(event, style));
      this.#opening = setTimeout(() => void this.#open(), openAfterMs).unref();
    } else if (event.type === "finished") {
      const { run, warnings } = this.#screen.view;
      this.close();
      this.#write([
        ...warnings.flatMap((one) => warningLines(one, style)),
        ...summary(run, event, this.#options.file, style),
      ]);
    } else this.#drawSoon(drawAfterEventMs);
  }

  /** What `look` asked for. */
  show(sample: TapSample): void {
    this.#screen = withSample(this.#screen, sample);
    this.#drawSoon(drawAfterSampleMs);
  }

  /** Leaves the terminal as it was; to be called however the run ends. */
  readonly close = (): void => {
    this.#closed = true;
    clearTimeout(this.#opening);
    clearInterval(this.#clock);
    clearTimeout(this.#drawing?.timer);
    const picture = this.#picture;
    this.#picture = undefined;
    if (picture === undefined) return;
    process.off("uncaughtException", this.close);
    this.#options.output.off("resize", this.#draw);
    picture.close();
  };

  async #open(): Promise<void> {
    const openPicture = await loadPicture();
    if (this.#closed) return;
    // Before anybody else says why: words on the other screen would be lost with it.
    process.prependListener("uncaughtException", this.close);
    this.#options.output.on("resize", this.#draw);
    this.#picture = openPicture(this.#options, (key) => {
      const { screen, wish } = press(this.#screen, key);
      this.#screen = screen;
      this.#options.look(tapWish(screen));
      if (wish !== undefined) this.#options.wish(wish);
      this.#drawSoon(drawAfterKeyMs);
    });
    this.#clock = setInterval(() => {
      this.#screen = {
        ...this.#screen,
        view: watch(this.#screen.view, { type: "tick", nowMs: Date.now() }),
      };
      this.#drawSoon(drawAfterEventMs);
    }, 1000).unref();
    this.#draw();
  }

  /** At once where the last picture is that old. */
  #drawSoon(afterMs: number): void {
    if (this.#picture === undefined) return;
    const nowMs = performance.now();
    const dueMs = Math.max(nowMs, this.#drawnMs + afterMs);
    if (this.#drawing !== undefined && this.#drawing.dueMs <= dueMs) return;
    clearTimeout(this.#drawing?.timer);
    const timer = setTimeout(this.#draw, dueMs - nowMs);
    this.#drawing = { timer, dueMs };
  }

  readonly #draw = (): void => {
    clearTimeout(this.#drawing?.timer);
    this.#drawing = undefined;
    this.#drawnMs = performance.now();
    const { output, ascii } = this.#options;
    const { lines, scroll } = frameOf(this.#screen, { columns: output.columns, rows: output.rows, ascii });
    this.#screen = { ...this.#screen, scroll };
    const style = styleOf(output);
    this.#picture?.show(lines.map((line) => painted(line, style)));
  };

  #write(lines: readonly string[]): void {
    const text = `${lines.join("\n")}\n`;
    this.#options.output.write(this.#options.ascii ? asciiOnly(text) : text);
  }
}
