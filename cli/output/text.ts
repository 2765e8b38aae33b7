// A run in words: live lines on a terminal, plain lines elsewhere, and a summary whose ledger balances.
import type { Finished, Ledger, RunEvent } from "../../runner/index.ts";
import { type Style, styleOf } from "../terminal.ts";
import { bytes, count, duration, table } from "./units.ts";

/** Elsewhere than on a terminal, progress is worth a line only so often. */
const plainEveryMs = 5000;
/** At most five pictures a second. */
const liveEveryMs = 200;

export class TextOutput {
  readonly #out: NodeJS.WriteStream;
  readonly #style: Style;
  readonly #live: boolean;
  #drawn = 0;
  #lastMs = 0;
  #pipeline = "";
  readonly #written: (readonly string[])[] = [];
  readonly #rejected = new Map<string, number>();
  #failedWithBug = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#style = styleOf(out);
    this.#live = out.isTTY === true && process.env.TERM !== "dumb" && !process.env.CI;
  }

  /** True where the run ended by a mistake of strm itself. */
  get failedWithBug(): boolean {
    return this.#failedWithBug;
  }

  show(event: RunEvent): void {
    const style = this.#style;
    switch (event.type) {
      case "started":
        this.#pipeline = event.pipeline;
        this.#line(`${style.strong(event.pipeline)} started; state in ${event.state}`);
        break;
      case "progress":
        this.#progress(event.ledger);
        break;
      case "rejected":
        this.#rejected.set(event.code, (this.#rejected.get(event.code) ?? 0) + event.events);
        break;
      case "written":
        this.#written.push([
          event.sink,
          event.target,
          `${count(event.events)} events`,
          bytes(event.size_bytes),
        ]);
        break;
      case "warning":
        this.#line(`${style.warn("warning:")} ${event.message} ${event.help}`);
        break;
      case "stopping":
        this.#line(
          `${event.signal}: reading has stopped; what was read is being delivered. Once more leaves at once.`,
        );
        break;
      case "failed":
        this.#failedWithBug ||= event.code === "bug";
        this.#line(`${style.bad(`error[${event.code}]:`)} ${event.message}\n  help: ${event.help}`);
        break;
      case "finished":
        this.#summary(event);
        break;
      case "keys":
        break;
    }
  }

  /** Leaves the terminal as it was. */
  end(): void {
    this.#erase();
  }

  #line(text: string): void {
    this.#erase();
    this.#out.write(`${text}\n`);
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #progress(ledger: Ledger): void {
    const now = Date.now();
    if (now - this.#lastMs < (this.#live ? liveEveryMs : plainEveryMs)) return;
    // The first seconds of a short run need no line of their own.
    const first = this.#lastMs === 0;
    this.#lastMs = now;
    if (!this.#live && first) return;
    const head = progressLine(ledger);
    if (!this.#live) {
      this.#line(head);
      return;
    }
    const sinks = ledger.steps
      .filter(({ kind }) => kind === "sink")
      .map((step) => [`  ${step.name}`, `${count(step.in)} events`, bytes(step.written_bytes)]);
    const lines = [head, ...table(sinks)].map((line) => line.slice(0, Math.max(20, this.#out.columns - 1)));
    this.#erase();
    this.#out.write(`${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  #summary({ outcome, ledger, quarantine }: Finished): void {
    const style = this.#style;
    const verdict = {
      completed: style.good("completed"),
      stopped: style.warn("stopped"),
      failed: style.bad("failed"),
    };
    const sources = ledger.steps.filter(({ kind }) => kind === "source");
    const read = sources.reduce((sum, step) => sum + step.in, 0);
    const rate =
      ledger.elapsed_ms > 0 ? ` (${count(Math.round(read / (ledger.elapsed_ms / 1000)))} events/s)` : "";
    this.#line("");
    this.#line(
      `${style.strong(this.#pipeline)} ${verdict[outcome]}: read ${count(read)} events, ${bytes(ledger.read_bytes)}, in ${duration(ledger.elapsed_ms)}${rate}`,
    );
    const heads = ["step", "in", "out", "withheld", "rejected", "in flight"];
    const rows = ledger.steps.map((step) => [
      step.name,
      ...[step.in, step.out, step.withheld, step.rejected, step.in_flight].map(count),
    ]);
    this.#line("");
    for (const [i, line] of table([heads, ...rows]).entries())
      this.#line(`  ${i === 0 ? style.dim(line) : line}`);
    if (this.#written.length > 0) {
      this.#line("");
      for (const line of table(this.#written)) this.#line(`  ${line}`);
    }
    this.#line("");
    if (this.#rejected.size > 0) {
      const reasons = [...this.#rejected].map(([code, events]) => `${count(events)} ${code}`).join(", ");
      this.#line(`${style.warn("Rejected:")} ${reasons}. \`strm explain CODE\` says what each means.`);
    }
    if (quarantine !== null) {
      this.#line(
        `${style.warn("Quarantine:")} ${count(quarantine.events)} rejected events that no sink takes are kept, sealed, in ${quarantine.path}. Add a sink of NAME.rejected to take them.`,
      );
    }
    this.#line(
      ledger.balanced
        ? `${style.good("The ledger balances:")} in every step, in = out + withheld + rejected + in flight.`
        : style.bad("The ledger does not balance. Please report this as a bug of strm."),
    );
  }
}

function progressLine(ledger: Ledger): string {
  const sum = (kind: string, of: "in" | "withheld" | "rejected") =>
    ledger.steps.reduce((total, step) => total + (kind === "" || step.kind === kind ? step[of] : 0), 0);
  const read = sum("source", "in");
  const rate = ledger.elapsed_ms > 0 ? Math.round(read / (ledger.elapsed_ms / 1000)) : 0;
  return [
    `${count(read)} events`,
    `${count(rate)}/s`,
    bytes(ledger.read_bytes),
    `${count(sum("", "withheld"))} withheld`,
    `${count(sum("", "rejected"))} rejected`,
    duration(ledger.elapsed_ms),
  ].join("  ");
}
