// Which topics a member of a group reads, as it asks for them at each join.

export interface TopicSelection {
  /** Named in so many words: each of them has to be there. */
  readonly names: readonly string[];
  /** Others may be chosen, too, as soon as they come to be there. */
  readonly hasPatterns: boolean;
  /** Those that are chosen, in an order that only depends on their names. */
  among(topics: Iterable<string>): readonly string[];
}
