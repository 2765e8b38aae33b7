// Which formats of a text time can be read: "iso", or a pattern of the tokens that Luxon parses.
import { closest } from "../text/closest.ts";

/** Tokens that Luxon can parse, by what they say of a time. */
const tokens = {
  year: ["y", "yy", "yyyy", "yyyyy", "yyyyyy"],
  month: ["L", "LL", "LLL", "LLLL", "M", "MM", "MMM", "MMMM"],
  day: ["d", "dd"],
  ordinal: ["o", "ooo"],
  weekYear: ["kk", "kkkk"],
  week: ["W", "WW"],
  weekday: ["c", "ccc", "cccc", "E", "EEE", "EEEE"],
  rest: [..."H HH h hh m mm s ss S SSS u uu uuu a q qq G GG".split(" "), ..."Z ZZ ZZZ z".split(" ")],
} as const;

const allTokens: readonly string[] = Object.values(tokens).flat();

/** Seconds and milliseconds since 1970, as a text. */
const epochFormats: readonly string[] = ["X", "x"];

/** What is wrong with a format, and how to put it right; undefined: nothing. */
export function faultOfTimeFormat(
  format: string,
): { readonly message: string; readonly help: string } | undefined {
  if (format === "iso" || epochFormats.includes(format)) return undefined;
  const used = new Set<string>();
  // Quoted parts stand for themselves; each run of one letter is a token.
  for (const [run] of format.replaceAll(/'[^']*'/g, "").matchAll(/([A-Za-z])\1*/g)) {
    if (epochFormats.includes(run)) {
      return { message: `\`${run}\` stands alone`, help: `Write format = "${run}": it says the whole time.` };
    }
    if (!allTokens.includes(run)) {
      const near = sameLetters(run)[0] ?? (run.length > 1 ? closest(run, allTokens) : undefined);
      const help =
        near === undefined
          ? 'Use "iso", or tokens such as yyyy-MM-dd HH:mm:ss. Plain letters stand in single quotes.'
          : `Did you mean \`${near}\`? Case matters: yyyy-MM-dd HH:mm:ss.`;
      return { message: `\`${run}\` is no part of a time`, help };
    }
    used.add(run);
  }
  const has = (part: keyof typeof tokens): boolean => tokens[part].some((token) => used.has(token));
  const hasDate =
    (has("year") && (has("ordinal") || (has("month") && has("day")))) || (has("weekYear") && has("week"));
  if (hasDate) return undefined;
  return {
    message: "it does not say the year, the month and the day",
    help: 'Write a whole date, such as "yyyy-MM-dd" or "yyyy-MM-dd HH:mm:ss".',
  };
}

export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Tokens that differ from `run` in case alone. */
function sameLetters(run: string): readonly string[] {
  return allTokens.filter((token) => token.toLowerCase() === run.toLowerCase());
}
