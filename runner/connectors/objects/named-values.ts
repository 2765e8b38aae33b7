// Reads lists of `name=value`, as sinks take metadata and tags for their objects.
import { optionsFailure } from "./options-failure.ts";
import { SHA256_KEY } from "./store.ts";

const metadataName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const printable = /^[\x20-\x7e]*$/;

/** Names in lowercase, as stores keep them. Throws `bucket.options`. */
export function metadataOf(texts: readonly string[], step: string): Record<string, string> {
  const pairs = pairsOf(texts, "metadata", step);
  const odd = pairs.findIndex(
    ([name, value]) =>
      !metadataName.test(name) || !printable.test(value) || name.toLowerCase() === SHA256_KEY,
  );
  if (odd >= 0) {
    throw optionsFailure(
      step,
      `entry ${odd + 1} of \`metadata\` can't be kept with an object`,
      `Use letters, digits, \`-\`, \`_\` and \`.\` in names, and ASCII in values; \`${SHA256_KEY}\` is strm's own.`,
    );
  }
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

/** As a query, which is how they are sent. Throws `bucket.options`. */
export function tagsOf(texts: readonly string[], step: string): string {
  return pairsOf(texts, "tags", step)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
}

function pairsOf(
  texts: readonly string[],
  option: string,
  step: string,
): readonly (readonly [string, string])[] {
  const pairs = texts.map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()] as const;
  });
  if (pairs.some(([name]) => name === "")) {
    const help = `Write each as \`name=value\`: ${option} = ["team=web"].`;
    throw optionsFailure(step, `\`${option}\` has an entry that is not \`name=value\``, help);
  }
  return pairs;
}
