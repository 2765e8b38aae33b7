// The pipeline that replicas run in the chaos proof, the events that go in, and what has to come out of them.
import type { Random } from "./random.ts";

export interface ChaosTopics {
  readonly input: string;
  readonly safe: string;
  readonly opened: string;
  readonly rejected: string;
}

export const sessions = 60;

/** `group` is shared by all replicas. */
export function chaosPipeline({ input, safe, opened, rejected }: ChaosTopics, group: string): string {
  const brokers = 'brokers = env("KAFKA_BROKERS")';
  const sink = (stream: string, topic: string): string =>
    `sink ${stream} into kafka { ${brokers}, topic = "${topic}" }`;
  return `contract click as "acme/click/1.0.0" {
  id: string
  session: string   @key @pii(1)
  person: string    @subject @pii(2)
  levels: int[]     @consent
  at: long          @time
}
keys vault in postgres { url = env("KEYS_URL") }
source clicks of click from kafka {
  ${brokers}
  topic             = "${input}"
  group             = "${group}"
  session_timeout   = 3s
  rebalance_timeout = 6s
}
encrypt clicks into safe
decrypt safe into opened for granular(1, 2)
${sink("safe", safe)}
${sink("opened", opened)}
${sink("clicks.rejected", rejected)}
`;
}

export interface ChaosEvent {
  readonly id: string;
  readonly session: string;
  readonly person: string;
  readonly levels: readonly number[];
}

/** One moment for all: every session has one window. */
const at = Date.UTC(2026, 10, 25, 12);

/** Event number `i`: some lack a consent, and one in a hundred breaks the contract. */
export function chaosEvent(
  i: number,
  random: Random,
): { readonly event: ChaosEvent; readonly text: string; readonly valid: boolean } {
  const session = `session-${random.below(sessions)}`;
  const event = {
    id: `e${i}`,
    session,
    person: `person-${random.below(20)}@mail.example`,
    levels: [1, 2, 3].filter(() => random.below(3) > 0),
  };
  const valid = i % 100 !== 99;
  return { event, text: JSON.stringify({ ...event, at: valid ? at : "never" }), valid };
}
