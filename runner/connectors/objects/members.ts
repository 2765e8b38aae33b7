// Reads members of what others wrote, without trust in its form; what is no object has none.

export type Members = Readonly<Record<string, unknown>>;

export function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Of a JSON text. An error of `JSON.parse` would quote the text, which may be a secret. */
export function membersIn(json: string): Members {
  try {
    return membersOf(JSON.parse(json));
  } catch {
    return {};
  }
}

/** Empty for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
