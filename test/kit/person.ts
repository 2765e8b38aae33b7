// A contract with personal fields of every form, and its events, for kernel tests.

/** \`more\` goes into the contract's block. */
export const personContract = (more = ""): string => `
contract person as "acme/person/1.0.0" {
  session: string    @key @pii(0)
  email: string?     @pii(1)
  phones: string[]?  @pii(2)
  amount: double?
  single: float?
  count: long?
  small: int?
  good: boolean?
  note: string?
  customer: {
    id: string       @pii(3)
    city: string?
  }?
  consents: int[]?   @consent
  ${more}
}
source people of person from file { path = "in.jsonl" }
`;

/** Everything sealed, and opened again for whoever consented to all. */
export const personPipeline = (more = ""): string => `
${personContract(more)}
encrypt people into safe { rotate = daily }
decrypt safe into all for granular(0, 1, 2, 3)
sink safe into file { path = "safe.jsonl" }
sink all into file { path = "all.jsonl" }
`;

/** The raw stream as it is, without a look at what it says. */
export const personAsItIs = (more = ""): string => `
${personContract(more)}
sink people into file { path = "copy.jsonl", exposing = "a test" }
`;
