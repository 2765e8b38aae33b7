// The pipelines and events of the measurements with Kafka.

/** Some 460 bytes, three fields of it personal: `n` tells sessions and values apart, `sentMs` when it was sent. */
export function clickOf(n: number, sentMs: number): string {
  const hour = String(n % 24).padStart(2, "0");
  return `{"session":"session-${n % 1000}","customer":{"id":"customer-${n % 5000}","email":"person-${n % 5000}@mail.example"},"url":"https://shop.example/products/${n % 700}?campaign=autumn&page=${n % 40}","referrer":"https://search.example/?q=running+shoes+size+${n % 12}","agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (n % 30)}.0 Safari/537.36","seenAt":"2026-11-25T${hour}:00:00Z","sentMs":${sentMs},"consents":[0,1,2],"basket":{"items":${n % 9},"total":${(n % 9) * 12.5}}}`;
}

export interface ClickTopics {
  readonly input: string;
  readonly output: string;
}

export const clickContract = `contract click as "acme/click/1.0.0" {
  session: string      @key @pii(0)
  customer: {
    id: string         @pii(1)
    email: string      @pii(2)
  }
  url: string
  referrer: string?
  agent: string
  seenAt: string
  sentMs: long
  consents: int[]      @consent
  basket: { items: int, total: double }
}`;

/** Seals three fields from one topic to another, exactly once, with everything as it is by default. */
export function sealingPipeline({ input, output }: ClickTopics, group: string, more = ""): string {
  return `${clickContract}
source clicks of click from kafka {
  brokers = env("KAFKA_BROKERS")
  topic   = "${input}"
  group   = "${group}"
  ${more}
}
encrypt clicks into safe
sink safe into kafka { brokers = env("KAFKA_BROKERS"), topic = "${output}" }
`;
}
