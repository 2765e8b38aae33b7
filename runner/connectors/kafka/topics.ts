// Which topics a source reads: names, and patterns in which `*` stands for any characters.

export class TopicChoice {
  readonly #patterns: readonly string[];

  constructor(topic: string | readonly string[]) {
    this.#patterns = typeof topic === "string" ? [topic] : topic;
  }

  /** Named in so many words: each of them has to be there. */
  get names(): readonly string[] {
    return this.#patterns.filter((pattern) => !pattern.includes("*"));
  }

  get hasPatterns(): boolean {
    return this.names.length < this.#patterns.length;
  }

  /** Those that are chosen, in the order of their names. */
  among(topics: Iterable<string>): readonly string[] {
    return [...topics].filter((topic) => this.#patterns.some((pattern) => matches(pattern, topic))).sort();
  }
}

/** By parts between stars, from left to right: linear in the topic's length. */
function matches(pattern: string, topic: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return topic === pattern;
  const last = rest.pop() ?? "";
  if (!topic.startsWith(first) || !topic.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = topic.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= topic.length - last.length;
}
