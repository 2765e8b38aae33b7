// The pipelines that are measured, as texts that lack only the path of their input.

/** Completes the text with the path of the file that it reads. */
export type Program = (input: string) => string;

interface Shape {
  readonly contract: string;
  readonly source?: (input: string) => string;
  readonly sink?: (stream: string) => string;
  /** What the outputs beside the sealed one are opened for. */
  readonly opened?: readonly string[];
}

const demoContract = `
contract visit as "strmprivacy/example/1.3.0" {
  strmMeta: {
    eventContractRef: string
    nonce: int?
    timestamp: long?      @time
    keyLink: string?
    consentLevels: int[]  @consent
  }
  uniqueIdentifier: string?    @pii(1)
  consistentValue: string      @key @pii(2)
  someSensitiveValue: string?  @pii(3)
  notSensitiveValue: string?
}`;

const opened = [
  "cumulative(1)",
  "cumulative(2)",
  "cumulative(3)",
  "granular(1)",
  "granular(2)",
  "granular(3)",
  "granular(1, 3)",
] as const;

/** Seals three fields; the first of the outputs is the sealed stream, each further one is opened by consent. */
export const demoProgram = (outputs: number): Program =>
  program({ contract: demoContract, opened: opened.slice(0, outputs - 1) });

/** Job E: seal three fields into one output. */
export const jobE = demoProgram(1);
/** Job P: E, and two outputs opened by consent, which 60 % and 40 % of the events have. */
export const jobP = demoProgram(3);

/** Job E from the standard input to the standard output. */
export const pipeProgram = program({
  contract: demoContract,
  source: () => "stdin",
  sink: () => "stdout",
});

/** The sealed stream to the standard output, whose reader may rest, and one opened by consent to a file. */
export const slowReaderProgram = program({
  contract: demoContract,
  sink: (stream) => (stream === "safe" ? "stdout" : intoFile(stream)),
  opened: ["granular(1)"],
});

export const compressProgram = (compress: "gzip" | "zstd"): Program =>
  program({
    contract: demoContract,
    sink: (stream) => `file { path = "${stream}.jsonl.${compress}", compress = ${compress} }`,
  });

/** Seals that many of the ten strings: the session, and the first ones after it. */
export const fieldsProgram = (personal: number): Program => {
  const fields = Array.from(
    { length: 9 },
    (_, i) => `  field${i + 1}: string${i + 1 < personal ? "  @pii(1)" : ""}`,
  );
  return program({ contract: contractWith("@key @pii(1)", fields) });
};

/** Seals one string, and not the session. */
export const valueProgram = program({ contract: contractWith("@key", ["  value: string  @pii(1)"]) });

function contractWith(session: string, fields: readonly string[]): string {
  const lines = [
    "  at: long  @time",
    "  consents: int[]  @consent",
    `  session: string  ${session}`,
    ...fields,
  ];
  return `contract visit as "acme/visit/1.0.0" {\n${lines.join("\n")}\n}`;
}

function program({ contract, source = fromFile, sink = intoFile, opened = [] }: Shape): Program {
  const names = opened.map((_, i) => `open${i + 1}`);
  return (input) =>
    [
      contract,
      `source events of visit from ${source(input)}`,
      "encrypt events into safe { rotate = daily }",
      ...opened.map((purposes, i) => `decrypt safe into ${names[i]} for ${purposes}`),
      ...["safe", ...names].map((stream) => `sink ${stream} into ${sink(stream)}`),
      "",
    ].join("\n");
}

function fromFile(input: string): string {
  return `file { path = ${JSON.stringify(input)} }`;
}

function intoFile(stream: string): string {
  return `file { path = "${stream}.jsonl" }`;
}
