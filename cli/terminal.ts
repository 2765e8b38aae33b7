// What may be shown where: colours and redrawn lines only on terminals, and never against the user's word.

/** The stream's colours: on a terminal, unless NO_COLOR says no or FORCE_COLOR says yes. */
export function colours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return stream.isTTY === true && TERM !== "dumb";
}

export interface Style {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

export function styleOf(stream: NodeJS.WriteStream): Style {
  const on = colours(stream);
  const paint = (code: string) => (text: string) => (on ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { strong: paint("1"), dim: paint("2"), good: paint("32"), warn: paint("33"), bad: paint("31") };
}
