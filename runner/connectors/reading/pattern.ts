// What patterns of paths and keys say: `*` and `?` stay within one name, `**` is any number of folders, `{a,b}` is either.

/** True where a pattern may name more than one thing. */
export function isPattern(path: string): boolean {
  return /[*?]|\{[^{}]*,[^{}]*\}/.test(path);
}

/** Every text that the first brace's alternatives make, until none has braces. */
export function withoutBraces(pattern: string): readonly string[] {
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (braces?.[1] === undefined) return [pattern];
  const before = pattern.slice(0, braces.index);
  const after = pattern.slice(braces.index + braces[0].length);
  return braces[1].split(",").flatMap((choice) => withoutBraces(before + choice + after));
}

/**
 * Whether a name is what one segment of a pattern says. `hidden`: names that begin with one of these characters fit only where the segment
 * begins with it, too.
 */
export function nameFits(segment: string, hidden: string): (name: string) => boolean {
  const wanted = [...segment];
  return (name) => !isHidden(name, segment, hidden) && fitsWild(wanted, [...name]);
}

/** Whether a path is what a pattern says, segment by segment; as `nameFits` for each. Linear in the path. */
export function pathFits(segments: readonly string[], hidden: string): (names: readonly string[]) => boolean {
  const last = segments.length - 1;
  const fits = segments.map((segment) => (segment === "**" ? undefined : nameFits(segment, hidden)));
  // How many segments may have been used up: behind `**`, either none or more of its folders have come.
  const opened = (at: number): readonly number[] =>
    segments[at] === "**" && at < last ? [at, ...opened(at + 1)] : [at];
  return (names) => {
    let states = new Set(opened(0));
    for (const name of names) {
      const next: number[] = [];
      for (const at of states) {
        if (segments[at] === "**") {
          if (!isHidden(name, "", hidden)) next.push(at, ...(at === last ? [at + 1] : []));
        } else if (fits[at]?.(name) === true) next.push(at + 1);
      }
      states = new Set(next.flatMap(opened));
    }
    return states.has(segments.length);
  };
}

function isHidden(name: string, segment: string, hidden: string): boolean {
  const first = name.charAt(0);
  return first !== "" && hidden.includes(first) && first !== segment.charAt(0);
}

/** Goes back to the last `*` alone, so that many of them cost no more than one. */
function fitsWild(wanted: readonly string[], name: readonly string[]): boolean {
  let [at, from] = [0, 0];
  let star: { readonly behind: number; from: number } | undefined;
  while (from < name.length) {
    if (wanted[at] === "*") star = { behind: ++at, from };
    else if (wanted[at] === "?" || (wanted[at] !== undefined && wanted[at] === name[from])) {
      at++;
      from++;
    } else if (star !== undefined) {
      at = star.behind;
      from = ++star.from;
    } else return false;
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}
