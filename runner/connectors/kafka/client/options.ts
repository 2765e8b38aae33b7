// What a client of a Kafka cluster is made with.

export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learned from these. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** PEM texts. Present, also empty: connections are encrypted, and the brokers' certificates checked. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** The name that certificates bear; absent: the host that is connected to. */
    readonly serverName?: string;
  };
  readonly sasl?: Sasl;
}

export type Sasl =
  | {
      readonly mechanism: "plain" | "scram_sha_256" | "scram_sha_512";
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: () => Promise<string> };
