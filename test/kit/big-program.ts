// Makes a valid program of any length: many contracts, each with its streams and sinks.

/** A program without findings of at least `lines` lines. */
export function bigProgram(lines: number): string {
  const parts = [
    "purposes {",
    '  functional      = 0 "running the shop"',
    '  analytics       = 1 "finding out how it is used"',
    '  personalisation = 2 "recommending products"',
    "}",
    "",
    'param folder = "out"',
    "",
  ];
  for (let unit = 0; parts.length < lines; unit++) parts.push(...streamsOf(unit));
  return `${parts.join("\n")}\n`;
}

function streamsOf(unit: number): readonly string[] {
  const id = String(unit);
  return [
    `/// Part ${id} of the shop.`,
    `contract visit_${id} as "acme/visit-${id}/1.0.0" {`,
    "  session: string        @key @pii(functional) @matches(/^s-[0-9]+$/)",
    "  customer: {",
    "    id: string           @subject @pii(personalisation)",
    "    emails: string[]?    @pii(analytics)",
    "  }?",
    "  url: string",
    "  at: long               @time",
    "  consents: int[]        @consent",
    "}",
    `source visits_${id} of visit_${id} from file {`,
    `  path      = "data/${id}/*.jsonl"`,
    "  max_event = 1MiB",
    "}",
    `encrypt visits_${id} into safe_${id} { rotate = 12h }`,
    `decrypt safe_${id} into usage_${id} for granular(functional, analytics)`,
    `decrypt safe_${id} into offers_${id} for cumulative(personalisation) {`,
    "  mask      = [customer.id]",
    '  mask_seed = secret("MASK_SEED")',
    "}",
    `sink safe_${id} into file { path = "\${folder}/${id}/safe.jsonl" }`,
    `sink usage_${id} into file { path = "\${folder}/${id}/usage.jsonl" }`,
    `sink offers_${id} into file { path = "\${folder}/${id}/offers.jsonl" }`,
    "",
  ];
}
