// Events of the reference contract for measurements: about 322 bytes each, 1,000 sessions within one UTC day.
import { type Random, seeded } from "./random.ts";

const consents = ["[]", "[0]", "[0,1]", "[0,1,2]", "[0,1,2,3]"] as const;
const startMs = Date.UTC(2026, 10, 23, 6);
const spanMs = 12 * 3_600_000;
const sessions = 1000;
const linesPerChunk = 4096;

/** `count` JSON lines in chunks of whole lines; the same for the same arguments on every machine. */
export function* demoEvents(count: number, seed = 20_261_123): Generator<Buffer, void, undefined> {
  const random = seeded(seed);
  const links = Array.from({ length: sessions }, () => uuid(random));
  let lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const session = random.below(sessions);
    const timeMs = startMs + Math.floor((i / count) * spanMs);
    const meta = `"eventContractRef":"strmprivacy/example/1.3.0","nonce":${random.next() | 0},"timestamp":${timeMs},"keyLink":"${links[session]}","consentLevels":${random.pick(consents)}`;
    lines.push(
      `{"strmMeta":{${meta}},"uniqueIdentifier":"unique-${random.below(count)}","consistentValue":"session-${session}","someSensitiveValue":"sensitive-${random.below(1000)}","notSensitiveValue":"not-sensitive-${random.below(1000)}"}\n`,
    );
    if (lines.length < linesPerChunk && i < count - 1) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () => random.next().toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
