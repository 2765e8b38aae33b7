// Whether an event has a field, anywhere its path leads.

/** The path is dotted, and leads through lists to each of their items. */
export function holds(value: unknown, path: string): boolean {
  if (Array.isArray(value)) return value.some((item) => holds(item, path));
  if (typeof value !== "object" || value === null) return false;
  const [name = "", ...rest] = path.split(".");
  const member = Object.entries(value).find(([key]) => key === name);
  return member !== undefined && (rest.length === 0 || holds(member[1], rest.join(".")));
}
