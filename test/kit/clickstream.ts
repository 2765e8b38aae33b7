// The events that the example pipelines of a clickstream are given, and which of them they must pass on.
import { expect } from "vitest";

export const masterKey = JSON.stringify({ kty: "oct", k: Buffer.alloc(32, 7).toString("base64url") });

const consents = [[], [0], [0, 2], [0, 3], [0, 1, 2, 3]] as const;

/** One in three has no customer; number 17 is refused. */
export const click = (n: number) => ({
  producerSessionId: `s${n % 7}`,
  customer: n % 3 === 0 ? null : { id: `customer-${n}`, email: n % 2 === 0 ? null : `c${n}@mail.example` },
  url: n === 17 ? "no address" : `https://shop.example/${n}`,
  referrer: null,
  abTests: null,
  strmMeta: { timestamp: 1_795_000_000_000 + n * 20_000, consentLevels: consents[n % consents.length] ?? [] },
});

export type Click = ReturnType<typeof click>;

/** As a sealed or opened stream has it. */
export type SealedClick = Click & { readonly strmMeta: { readonly keyLink: string } };

export const numberOf = ({ url }: Pick<Click, "url">): number => Number(url.split("/").at(-1));

export const isGood = ({ url }: Pick<Click, "url">): boolean => url.startsWith("https:");

/** The numbers of those that are good and consent to all these levels. */
export function numbersWith(clicks: readonly Click[], ...levels: readonly number[]): readonly number[] {
  return clicks
    .filter(isGood)
    .filter(({ strmMeta }) => levels.every((level) => strmMeta.consentLevels.some((one) => one === level)))
    .map(numberOf);
}

/** In the order of their numbers; fails where one is there twice. */
export function byNumber(texts: readonly string[]): ReadonlyMap<number, SealedClick> {
  const events = texts.map((text): SealedClick => JSON.parse(text));
  expect(new Set(events.map(numberOf)).size).toBe(events.length);
  return new Map(
    events.map((event) => [numberOf(event), event] as const).toSorted(([one], [other]) => one - other),
  );
}
