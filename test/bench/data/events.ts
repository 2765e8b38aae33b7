// The lines of the data sets: made-up events, the same for the same arguments on every machine.
import { type Random, seeded } from "../../kit/random.ts";

const seed = 20_261_123;
const consents = ["[]", "[0]", "[0,1]", "[0,1,2]", "[0,1,2,3]"] as const;
/** All events lie within one UTC day, so that a session has one key. */
const startMs = Date.UTC(2026, 10, 23, 6);
const spanMs = 12 * 3_600_000;

/** How many sessions there are, and whose an event is. */
export interface Sessions {
  readonly count: number;
  readonly of: (event: number, random: Random) => number;
}

export const atRandom = (count: number): Sessions => ({ count, of: (_, random) => random.below(count) });

/** Every event is the first and only one of its session. */
export const oneEach = (events: number): Sessions => ({ count: events, of: (event) => event });

/** All of them in turn for `first` events, and then at random: from there on no session is new. */
export const inTurnFor = (first: number, count: number): Sessions => ({
  count,
  of: (event, random) => (event < first ? event % count : random.below(count)),
});

/** Events of the demo contract, about 322 bytes each: three personal strings, and consent at random. */
export function* demoEvents(events: number, sessions: Sessions): Generator<string, void, undefined> {
  const random = seeded(seed);
  const links = Array.from({ length: sessions.count }, () => uuid(random));
  for (let event = 0; event < events; event++) {
    const session = sessions.of(event, random);
    const meta = `"eventContractRef":"strmprivacy/example/1.3.0","nonce":${random.next() | 0},"timestamp":${timeOf(event, events)},"keyLink":"${links[session]}","consentLevels":${random.pick(consents)}`;
    yield `{"strmMeta":{${meta}},"uniqueIdentifier":"unique-${random.below(events)}","consistentValue":"session-${session}","someSensitiveValue":"sensitive-${random.below(1000)}","notSensitiveValue":"not-sensitive-${random.below(1000)}"}\n`;
  }
}

/** Events with a session and nine more strings, of which a contract may call any number personal. */
export function* wideEvents(events: number): Generator<string, void, undefined> {
  const random = seeded(seed);
  for (let event = 0; event < events; event++) {
    const fields = Array.from({ length: 9 }, (_, i) => `"field${i + 1}":"value-${random.below(1_000_000)}"`);
    yield `{"at":${timeOf(event, events)},"consents":${random.pick(consents)},"session":"session-${random.below(1000)}",${fields.join(",")}}\n`;
  }
}

/** Events with one string of that many bytes. */
export function* valueEvents(events: number, valueBytes: number): Generator<string, void, undefined> {
  const random = seeded(seed);
  const letters = Array.from({ length: valueBytes + 4096 }, () => String.fromCharCode(97 + random.below(26)));
  const text = letters.join("");
  for (let event = 0; event < events; event++) {
    const start = random.below(4096);
    yield `{"at":${timeOf(event, events)},"consents":${random.pick(consents)},"session":"session-${random.below(1000)}","value":"${text.slice(start, start + valueBytes)}"}\n`;
  }
}

function timeOf(event: number, events: number): number {
  return startMs + Math.floor((event / events) * spanMs);
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () => random.next().toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
