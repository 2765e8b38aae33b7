// A screen on a whole terminal: opened when it is worth it, drawn as seldom as eyes allow, and gone without a trace.
import { asciiOnly } from "../output/ascii.ts";
import { type Style, styleOf } from "../terminal.ts";
import { frameOf } from "./frame/frame.ts";
import { painted } from "./frame/line.ts";
import { loadPicture } from "./load-picture.ts";
import type { Picture, Terminal } from "./picture.ts";
import { type Pressed, press, type Screen } from "./state/screen.ts";
import { watch } from "./state/watch.ts";

/** A run that is over sooner only has its summary: a screen that flashes up helps nobody. */
const openAfterMs = 300;
const drawAfterKeyMs = 100;
/** While nobody presses anything, once a second is enough; a picture costs some ten milliseconds, which a busy run would miss. */
const drawAfterEventMs = 1000;

export interface StageOptions extends Terminal {
  readonly ascii: boolean;
  readonly screen: Screen;
  /** A key has changed the screen. */
  readonly pressed: (pressed: Pressed) => void;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #style: Style;
  #screen: Screen;
  /** By how much the clock of the run's machine is ahead of ours. */
  #aheadMs = 0;
  #picture: Picture | undefined;
  #opening: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #drawing: { readonly timer: NodeJS.Timeout; readonly dueMs: number } | undefined;
  #drawnMs = 0;
  #closed = false;

  constructor(options: StageOptions) {
    this.#options = options;
    this.#style = styleOf(options.output);
    this.#screen = options.screen;
  }

  get screen(): Screen {
    return this.#screen;
  }

  /** Of what is written on the normal screen. */
  get style(): Style {
    return this.#style;
  }

  /** Whether the other screen is there, or soon will be. */
  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  change(screen: Screen, drawAfterMs = drawAfterEventMs): void {
    this.#screen = screen;
    this.#drawSoon(drawAfterMs);
  }

  /** The screen's clock follows one that is ahead of ours by that much. */
  setClock(aheadMs: number): void {
    this.#aheadMs = aheadMs;
  }

  openSoon(): void {
    this.#opening ??= setTimeout(() => void this.#open(), openAfterMs).unref();
  }

  /** On the normal screen: before the other one is opened, or after it was closed. */
  write(lines: readonly string[]): void {
    const text = `${lines.join("\n")}\n`;
    this.#options.output.write(this.#options.ascii ? asciiOnly(text) : text);
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
      const pressed = press(this.#screen, key);
      this.change(pressed.screen, drawAfterKeyMs);
      this.#options.pressed(pressed);
    });
    this.#clock = setInterval(() => {
      const nowMs = Date.now() + this.#aheadMs;
      this.change({ ...this.#screen, view: watch(this.#screen.view, { type: "tick", nowMs }) });
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
    this.#picture?.show(lines.map((line) => painted(line, this.#style)));
  };
}
