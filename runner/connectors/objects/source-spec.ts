// What every source of objects declares beside its options.

export const objectSource = {
  formats: ["json", "avro", "csv"],
  recovery: [
    {
      kind: "exact",
      why: "the checkpoint holds which version of each object was read, and the place in the one at hand",
    },
  ],
  tuning: ["follow", "poll_every", "changed"],
  endless: { when: { follow: true } },
} as const;

export const objectSourceExample = (connector: string): string =>
  `source clicks of clickstream from ${connector} {
  bucket  = "acme-landing"
  prefix  = "clicks"
  pattern = "**/*.jsonl.gz"
}`;
