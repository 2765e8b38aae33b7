// The codes of failures with the options of Kafka steps, beside those of the client.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const kafkaStepCodes = {
  "kafka.options": {
    title: "The options of a Kafka step don't fit together",
    why: "Some options go together, or take a text of a certain form, which can be told only when the step is opened.",
    fix: "Do what the message says.",
    example: {
      wrong: 'sasl = { mechanism = plain, user = "strm" }',
      right: 'sasl = { mechanism = plain, user = "strm", password = secret("KAFKA_PASSWORD") }',
    },
  },
  "kafka.several-clusters": {
    title: "A pipeline reads from two Kafka clusters",
    why: "The group's offsets, what was written and the checkpoint are one transaction, and a transaction spans one cluster.",
    fix: "Make two pipelines of it, one for each cluster. Sinks may write to another cluster than the source's: those deliver at least once.",
  },
  "kafka.issuer": {
    title: "The issuer of tokens does not answer",
    why: "With `oauthbearer`, a token is fetched before a connection is opened. The issuer at `token_url` can't be reached, or fails.",
    fix: "Look whether it runs and can be reached from where strm runs. It is tried again for a while.",
  },
} as const satisfies Record<string, CodePage>;
