// A run in words on standard error: redrawn lines on a terminal, plain lines elsewhere, and the summary at its end.
import type { RunEvent } from "../../runner/index.ts";
import { type Style, styleOf } from "../terminal.ts";
import { fromHere } from "./ledger-table.ts";
import { picture } from "./live.ts";
import { eventsRead, nothingYet, presentRate, type RunView, reduce } from "./state.ts";
import { summary } from "./summary.ts";
import { bytes, count, counted, duration, printable } from "./units.ts";

/** Four pictures a second are enough to see it move. */
const drawEveryMs = 250;
/** In a log, a line only so often. */
const lineEveryMs = 5000;

export interface TextOptions {
  readonly out: NodeJS.WriteStream;
  /** The pipeline as the user named it. */
  readonly file: string;
  /** Lines may be drawn again: a terminal that nobody else writes to. */
  readonly live: boolean;
}

export class TextOutput {
  readonly #out: NodeJS.WriteStream;
  readonly #file: string;
  readonly #live: boolean;
  readonly #style: Style;
  readonly #startMs = performance.now();
  #view = nothingYet;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  /** Lines of the picture that stands on the terminal. */
  #drawn = 0;
  #lineMs = 0;
  #told: RunView = nothingYet;

  constructor({ out, file, live }: TextOptions) {
    this.#out = out;
    this.#file = file;
    this.#live = live;
    this.#style = styleOf(out);
  }

  report(event: RunEvent): void {
    this.#view = reduce(this.#view, event);
    switch (event.type) {
      case "started":
        this.#lines([
          `${this.#style.strong(event.pipeline)} started; keys and state are in ${shown(event.state)}`,
        ]);
        if (this.#live) this.#timer = setInterval(() => this.#draw(), drawEveryMs).unref();
        break;
      case "progress":
        if (!this.#live) this.#tellProgress();
        break;
      case "warning":
        this.#lines([
          `${this.#style.warn("warning:")} ${printable(event.message)}`,
          `  ${this.#style.strong("help:")} ${printable(event.help)}`,
        ]);
        break;
      case "stopping":
        this.#lines([
          `${printable(event.signal)}: reading has stopped, what was read is being delivered. Another signal leaves at once.`,
        ]);
        break;
      case "finished":
        this.close();
        this.#lines(summary(this.#view, event, this.#file, this.#style));
        break;
      case "failed":
      case "keys":
      case "rejected":
      case "written":
        break;
    }
  }

  /** Leaves the terminal as it was; to be called however the run ends. */
  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #lines(lines: readonly string[]): void {
    this.#erase();
    this.#out.write(`${lines.join("\n")}\n`);
  }

  #draw(): void {
    const canvas = { columns: this.#out.columns, rows: this.#out.rows, style: this.#style };
    const lines = picture(this.#view, this.#ticks++, performance.now() - this.#startMs, canvas);
    // One write, so that the terminal never shows an erased picture.
    this.#out.write(`${this.#eraser()}${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(this.#eraser());
    this.#drawn = 0;
  }

  #eraser(): string {
    return this.#drawn > 0 ? `\u001b[${this.#drawn}A\u001b[J` : "";
  }

  /** What is new since the last lines; a run that ends sooner has its summary. */
  #tellProgress(): void {
    const nowMs = performance.now() - this.#startMs;
    const { ledger } = this.#view;
    if (ledger === undefined || nowMs - this.#lineMs < lineEveryMs) return;
    this.#lineMs = nowMs;
    const sum = (of: "withheld" | "rejected") => ledger.steps.reduce((total, step) => total + step[of], 0);
    const facts = [
      `${counted(eventsRead(ledger), "event")} read`,
      bytes(ledger.read_bytes),
      `${count(presentRate(this.#view))}/s`,
      `${count(sum("withheld"))} withheld`,
      `${count(sum("rejected"))} rejected`,
    ];
    this.#lines([
      `${duration(ledger.elapsed_ms)}: ${facts.join(", ")}`,
      ...this.#newlyWritten(),
      ...this.#newlyRejected(),
    ]);
    this.#told = this.#view;
  }

  #newlyWritten(): string[] {
    return this.#view.written
      .filter((one) => !this.#told.written.includes(one))
      .map(
        ({ sink, target, events }) =>
          `  ${sink}: ${counted(events, "event")} complete, the last in ${shown(target)}`,
      );
  }

  #newlyRejected(): string[] {
    return this.#view.rejections
      .filter((one) => !this.#told.rejections.includes(one))
      .map(({ step, code, events }) => `  ${step}: ${counted(events, "event")} rejected so far, ${code}`);
  }
}

const shown = (path: string): string => printable(fromHere(path));
