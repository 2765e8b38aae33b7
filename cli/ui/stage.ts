// A screen on a whole terminal: opened when it is worth it, drawn as seldom as eyes allow, and gone without a trace.

import { inForeground } from "../foreground.ts";
import { asciiOnly } from "../output/ascii.ts";
import { type Style, styleOf } from "../terminal.ts";
import { frameOf } from "./frame/frame.ts";
import { painted } from "./frame/line.ts";
import { loadPicture } from "./load-picture.ts";
import type { Picture, Terminal } from "./picture.ts";
import { type Key, type Pressed, press, type Screen, withView } from "./state/screen.ts";
import { watch } from "./state/watch.ts";

/** A run that is over sooner only has its summary: a screen that flashes up helps nobody. */
const openAfterMs = 300;
const drawAfterKeyMs = 100;
/** While nobody presses anything, once a second is enough; a picture costs some five milliseconds, which a busy run would miss. */
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
    process.off("SIGTSTP", this.#suspend);
    process.off("SIGCONT", this.#goOn);
    this.#hide();
  };

  async #open(): Promise<void> {
    process.on("SIGTSTP", this.#suspend);
    process.on("SIGCONT", this.#goOn);
    await this.#unfold();
  }

  /** Whatever becomes of the picture, the run goes on. */
  async #unfold(): Promise<void> {
    try {
      const openPicture = await loadPicture();
      if (this.#closed || this.#picture !== undefined) return;
      this.#picture = openPicture(this.#options, this.#press);
    } catch (error) {
      const why = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      this.write([
        `${this.#style.warn("warning:")} The run can't be drawn here (${why}). It goes on all the same.`,
      ]);
      return;
    }
    // Before anybody else says why: words on the other screen would be lost with it.
    process.prependListener("uncaughtException", this.close);
    this.#options.output.on("resize", this.#resized);
    this.#clock = setInterval(() => {
      const nowMs = Date.now() + this.#aheadMs;
      this.change(withView(this.#screen, watch(this.#screen.view, { type: "tick", nowMs })));
    }, 1000).unref();
    this.#draw();
  }

  #hide(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#drawing?.timer);
    this.#drawing = undefined;
    const picture = this.#picture;
    this.#picture = undefined;
    if (picture === undefined) return;
    process.off("uncaughtException", this.close);
    this.#options.output.off("resize", this.#resized);
    picture.close();
  }

  /** As any program does: the terminal goes back to whoever has the next word there. */
  readonly #suspend = (): void => {
    this.#hide();
    process.kill(process.pid, "SIGSTOP");
  };

  /** Behind another job it goes on unseen, and is seen again when it comes to the front, which is told by this signal too. */
  readonly #goOn = (): void => {
    this.#hide();
    if (inForeground()) void this.#unfold();
  };

  readonly #press = (key: Key): void => {
    const pressed = press(this.#screen, key);
    this.change(pressed.screen, drawAfterKeyMs);
    // All of the job, as the terminal itself would do: whoever started us waits too.
    if (pressed.wish === "suspend") process.kill(0, "SIGTSTP");
    else this.#options.pressed(pressed);
  };

  readonly #resized = (): void => this.#drawSoon(drawAfterKeyMs);

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
    const { lines, scroll } = frameOf(this.#screen, { ...sizeOf(output), ascii });
    this.#screen = { ...this.#screen, scroll };
    this.#picture?.show(lines.map((line) => painted(line, this.#style)));
  };
}

/** Some terminals say that they have no size at all. */
function sizeOf({ columns, rows }: NodeJS.WriteStream): { readonly columns: number; readonly rows: number } {
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
