// What may be shown where: colours and redrawn lines only on terminals, and never against the user's word.
import { inForeground } from "./foreground.ts";

/** Whether a stream gets colours: on a terminal, unless NO_COLOR says no or FORCE_COLOR says yes. */
export function colours(stream: Pick<NodeJS.WriteStream, "isTTY">): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && TERM !== "dumb";
}

/** Whether lines that stand there can be drawn again; a terminal in CI is a log. */
export function drawsOn(stream: Pick<NodeJS.WriteStream, "isTTY">): boolean {
  const { TERM, CI } = process.env;
  return stream.isTTY === true && TERM !== "dumb" && (CI === undefined || CI === "" || CI === "false");
}

/** Why the terminal of standard error can't be drawn on and led by keys; undefined: it can. */
export function obstacleToDrawing(): string | undefined {
  if (!drawsOn(process.stderr)) return "`TERM` or `CI` says that nothing can be drawn here";
  return inForeground() ? undefined : "it runs behind the terminal's present job";
}

type Paint = (text: string) => string;

export interface Style {
  readonly strong: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
}

export function styleOf(stream: Pick<NodeJS.WriteStream, "isTTY">): Style {
  const on = colours(stream);
  const paint =
    (code: string): Paint =>
    (text) =>
      on ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: paint("1"), dim: paint("2"), good: paint("32"), warn: paint("33"), bad: paint("1;31") };
}
