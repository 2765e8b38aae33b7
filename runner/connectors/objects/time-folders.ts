// Folders by event time: fills `date=%Y-%m-%d/hour=%H` with a moment, and tells moments of one folder apart from those of the next cheaply.
import { optionsFailure } from "./options-failure.ts";

const parts: Readonly<Record<string, { readonly unitMs: number; readonly of: (time: Date) => string }>> = {
  Y: { unitMs: 86_400_000, of: (time) => String(time.getUTCFullYear()).padStart(4, "0") },
  m: { unitMs: 86_400_000, of: (time) => two(time.getUTCMonth() + 1) },
  d: { unitMs: 86_400_000, of: (time) => two(time.getUTCDate()) },
  H: { unitMs: 3_600_000, of: (time) => two(time.getUTCHours()) },
  M: { unitMs: 60_000, of: (time) => two(time.getUTCMinutes()) },
};

/** Days, hours and minutes of UTC never change within one, so that the smallest unit tells. */
export class TimeFolders {
  readonly #template: string;
  readonly #unitMs: number;

  /** Throws `bucket.options` where the template has an unknown part, or none at all. */
  constructor(template: string, step: string) {
    const found = [...template.matchAll(/%(.?)/gs)].map(([, letter]) => letter ?? "");
    const odd = found.find((letter) => parts[letter] === undefined);
    if (odd !== undefined || found.length === 0) {
      const what = odd === undefined ? "has no part that is filled in" : `has \`%${odd}\``;
      throw optionsFailure(
        step,
        `\`by\` ${what}`,
        "Use `%Y`, `%m`, `%d`, `%H` and `%M`, as in `date=%Y-%m-%d/hour=%H`.",
      );
    }
    this.#template = template.replace(/^\/+|\/+$/g, "");
    this.#unitMs = Math.min(...found.map((letter) => parts[letter]?.unitMs ?? Number.POSITIVE_INFINITY));
  }

  /** Moments of the same unit have the same folder. */
  unitOf(timeMs: number): number {
    return Math.floor(timeMs / this.#unitMs);
  }

  /** With a `/` behind it. */
  folderOf(timeMs: number): string {
    const time = new Date(timeMs);
    return `${this.#template.replace(/%(.)/g, (_, letter: string) => parts[letter]?.of(time) ?? "")}/`;
  }
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
