// The units of durations and sizes: what `60s` and `5MB` mean, in programs and in the environment alike.

/** Milliseconds by unit. */
export const durationUnits = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const;

/** Bytes by unit: `KB` counts in thousands, `KiB` in 1024s. */
export const sizeUnits = {
  B: 1,
  KB: 1000,
  KiB: 1024,
  MB: 1_000_000,
  MiB: 1_048_576,
  GB: 1_000_000_000,
  GiB: 1_073_741_824,
} as const;

/** Milliseconds of a text such as `60s`; undefined where it is no duration or too long to be exact. */
export function parseDuration(text: string): number | undefined {
  return inUnits(text, durationUnits);
}

/** Bytes of a text such as `64KiB`; undefined where it is no size or too large to be exact. */
export function parseSize(text: string): number | undefined {
  return inUnits(text, sizeUnits);
}

function inUnits(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^([0-9]+)([A-Za-z]+)$/.exec(text);
  const unit = match?.[2] !== undefined && Object.hasOwn(units, match[2]) ? units[match[2]] : undefined;
  if (match === null || unit === undefined) return undefined;
  const value = Number(match[1]) * unit;
  return Number.isSafeInteger(value) ? value : undefined;
}
