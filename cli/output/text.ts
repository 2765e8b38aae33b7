// A run in words on standard error: redrawn lines on a terminal, plain lines elsewhere, and the summary at its end.
import type { Recovered, RunEvent } from "../../runner/index.ts";
import { type Style, styleOf } from "../terminal.ts";
import { asciiOnly } from "./ascii.ts";
import { fromHere } from "./ledger-table.ts";
import { picture } from "./live.ts";
import { beginningLines, warningLines } from "./notices.ts";
import { offsetsInWords } from "./offsets.ts";
import { retryInWords } from "./retry.ts";
import { nothingYet, presentRate, type RunView, reduce, thisRun } from "./state.ts";
import { summary } from "./summary.ts";
import { bytes, count, counted, duration, printable } from "./units.ts";

/** Four pictures a second are enough to see it move. */
const drawEveryMs = 250;
/** In a log, a line only so often. */
const lineEveryMs = 5000;

type TextStream = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns" | "rows">;

export interface TextOptions {
  readonly out: TextStream;
  /** The pipeline as the user named it. */
  readonly file: string;
  /** Lines may be drawn again: a terminal that nobody else writes to. */
  readonly live: boolean;
  /** The terminal, or whoever reads the log, shows ASCII only. */
  readonly ascii: boolean;
}

export class TextOutput {
  readonly #out: TextStream;
  readonly #file: string;
  readonly #live: boolean;
  readonly #ascii: boolean;
  readonly #style: Style;
  readonly #startMs = performance.now();
  #view = nothingYet;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  /** Lines of the picture that stands on the terminal. */
  #drawn = 0;
  #lineMs = 0;
  #told: RunView = nothingYet;
  /** When a line said last that something is tried again, by its place. */
  readonly #retryMs = new Map<string, number>();

  constructor({ out, file, live, ascii }: TextOptions) {
    this.#out = out;
    this.#file = file;
    this.#live = live;
    this.#ascii = ascii;
    this.#style = styleOf(out);
  }

  report(event: RunEvent): void {
    this.#view = reduce(this.#view, event);
    switch (event.type) {
      case "started":
        this.#lines(beginningLines(event, this.#style));
        if (this.#live) this.#timer = setInterval(() => this.#draw(), drawEveryMs).unref();
        break;
      case "progress":
        if (!this.#live) this.#tellProgress();
        break;
      case "retry":
        this.#tellRetry(event.where);
        break;
      case "recovered":
        this.#tellRecovered(event);
        break;
      case "warning":
        this.#lines(warningLines(event, this.#style));
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
      case "checkpoint":
      case "failed":
      case "keys":
      case "opened":
      case "rejected":
      case "uncovered":
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
    this.#write(`${lines.join("\n")}\n`);
  }

  #write(text: string): void {
    this.#out.write(this.#ascii ? asciiOnly(text) : text);
  }

  #draw(): void {
    const canvas = { columns: this.#out.columns, rows: this.#out.rows, style: this.#style };
    const lines = picture(this.#view, this.#ticks++, performance.now() - this.#startMs, canvas);
    // One write, so that the terminal never shows an erased picture.
    this.#write(`${this.#eraser()}${lines.join("\n")}\n`);
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
    const { read, readBytes, replayed, withheld, rejected } = thisRun(this.#view, ledger);
    const facts = [
      ...(this.#view.replays
        ? [`${counted(replayed, "event")} replayed`]
        : [`${counted(read, "event")} read`, bytes(readBytes)]),
      `${count(presentRate(this.#view))}/s`,
      `${count(withheld)} withheld`,
      `${count(rejected)} rejected`,
    ];
    this.#lines([
      `${duration(ledger.elapsed_ms)}: ${facts.join(", ")}`,
      ...this.#newlyWritten(),
      ...this.#newlyReached(),
      ...this.#newlyRejected(),
    ]);
    this.#told = this.#view;
  }

  /** The first failure, and in a log one of its followers now and then; a picture shows the latest anyway. */
  #tellRetry(where: string): void {
    const retrying = this.#view.retrying.find(({ last }) => last.where === where);
    const nowMs = performance.now();
    const beforeMs = this.#retryMs.get(where);
    if (retrying === undefined) return;
    if (beforeMs !== undefined && (this.#live || nowMs - beforeMs < lineEveryMs)) return;
    this.#retryMs.set(where, nowMs);
    this.#lines([`${this.#style.warn("retry:")} ${retryInWords(retrying)}`]);
  }

  #tellRecovered({ where, attempts }: Recovered): void {
    this.#retryMs.delete(where);
    this.#lines([
      `${this.#style.good("recovered:")} ${printable(where)} succeeded at attempt ${count(attempts)}`,
    ]);
  }

  #newlyWritten(): string[] {
    return this.#view.written
      .filter((one) => !this.#told.written.includes(one))
      .map(
        ({ sink, target, events }) =>
          `  ${sink}: ${counted(events, "event")} complete, the last in ${shown(target)}`,
      );
  }

  #newlyReached(): string[] {
    const words = ({ offsets }: RunView): string[] =>
      offsets.map((one) => `  ${one.step}: ${offsetsInWords(one)}`);
    const told = words(this.#told);
    return words(this.#view).filter((line) => !told.includes(line));
  }

  #newlyRejected(): string[] {
    return this.#view.rejections
      .filter((one) => !this.#told.rejections.includes(one))
      .map(({ step, code, events }) => `  ${step}: ${counted(events, "event")} rejected so far, ${code}`);
  }
}

const shown = (path: string): string => printable(fromHere(path));
