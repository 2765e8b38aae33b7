// Where sinks write, and with whose rights: nothing overwritten, nothing read again, no two audiences in one place.
import { normalize } from "node:path/posix";
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { OptionValue, OptionValues } from "../spec/option-value.ts";
import type { Context } from "./context.ts";
import { globPattern } from "./glob.ts";
import type { StreamStatement } from "./names.ts";
import type { Sink } from "./sink.ts";
import { readablePurposes, type Stream } from "./stream.ts";

/** Compares all sinks with each other, and with the sources. */
export function checkPlaces(
  sinks: readonly Sink[],
  streams: ReadonlyMap<StreamStatement, Stream>,
  context: Context,
): void {
  const places = groupBy(sinks, placeOf);
  const warned = new Set<Sink>();
  for (const group of places.values()) checkSharedPlace(group, warned, context);
  for (const group of groupBy(sinks, holderOf).values()) checkFolders(group, warned, context);
  for (const group of groupBy(sinks, credentialsOf).values()) {
    const [first, ...others] = group.filter((sink) => !warned.has(sink));
    const other = others.find((sink) => first !== undefined && differ(first, sink));
    if (first !== undefined && other !== undefined) reportCredentials(first, other, context);
  }
  checkOwnSources(sinks, streams, context);
}

/** Undefined where a value of the place couldn't be bound. */
function placeOf({ statement, spec, options }: Sink): string | undefined {
  const values = spec.place.map((name) =>
    name === spec.prefix && typeof options[name] === "string"
      ? folderIn(options[name])
      : placeValue(spec.options[name]?.type.kind === "path", options[name]),
  );
  if (spec.place.length > 0 && values.every((value) => value === null)) return undefined;
  return JSON.stringify([statement.connector.text, ...values]);
}

function placeValue(isPath: boolean, value: OptionValue | undefined): OptionValue {
  if (value === undefined) return null;
  return isPath && typeof value === "string" ? normalize(value) : value;
}

/** What the folders of a place stand in, such as its bucket; undefined where it has none. */
function holderOf({ statement, spec, options }: Sink): string | undefined {
  if (spec.prefix === undefined) return undefined;
  const others = spec.place.filter((name) => name !== spec.prefix);
  return JSON.stringify([statement.connector.text, ...others.map((name) => options[name] ?? null)]);
}

/** With one slash at its end; empty for the top. */
function folderIn(prefix: string): string {
  return prefix === "" ? "" : prefix.replace(/\/*$/, "/");
}

/** Undefined where it is known only when the run starts. */
function folderOf(options: OptionValues, name: string | undefined): string | undefined {
  const prefix = (name === undefined ? undefined : options[name]) ?? "";
  return typeof prefix === "string" ? folderIn(prefix) : undefined;
}

/** The credentials that a program gives in so many words; undefined where it gives none. */
function credentialsOf({ statement, spec, bound }: Sink): string | undefined {
  const given = spec.credentials.filter((name) => bound.given.has(name) && bound.values[name] !== undefined);
  if (given.length === 0) return undefined;
  return JSON.stringify([statement.connector.text, ...given.map((name) => [name, bound.values[name]])]);
}

/** What whoever reads the sink can read, to be compared; undefined where it is not known. */
function audienceOf({ side, stream, exposing }: Sink): string | undefined {
  if (side === "keys") return "keys";
  if (side === "rejected") return exposing === undefined ? "" : "rejected in clear";
  return stream === undefined ? undefined : readablePurposes(stream.fields).join(",");
}

function differ(one: Sink, other: Sink): boolean {
  const [first, second] = [audienceOf(one), audienceOf(other)];
  return first !== undefined && second !== undefined && first !== second;
}

/** True where whoever may read `inner` in clear may not read all of it by what `outer` holds. */
function addsTo(outer: Sink, inner: Sink): boolean {
  if (!differ(outer, inner)) return false;
  if (outer.side !== "events" || inner.side !== "events") return true;
  const known = new Set(outer.stream === undefined ? [] : readablePurposes(outer.stream.fields));
  return readablePurposes(inner.stream?.fields ?? new Map()).some((level) => !known.has(level));
}

/** Folders in one another: who may read the outer one reads the inner one, too. */
function checkFolders(group: readonly Sink[], warned: Set<Sink>, context: Context): void {
  const placed = group.flatMap((sink) => {
    const folder = folderOf(sink.options, sink.spec.prefix);
    return folder === undefined ? [] : [{ sink, folder }];
  });
  for (const { sink, folder } of placed) {
    if (warned.has(sink)) continue;
    const outer = placed.find(
      (other) => other.folder !== folder && folder.startsWith(other.folder) && addsTo(other.sink, sink),
    );
    if (outer === undefined) continue;
    const title = titleOf(outer.sink);
    const message = `\`${titleOf(sink)}\` stands in a folder of the place where \`${title}\` is written, and is readable for other purposes.`;
    const help = "Write it beside that place and not inside of it, or let its readers be the same.";
    const related = [{ span: placeSpan(outer.sink), message: `\`${title}\` is written here` }];
    const extra = { label: `whoever may read all of \`${title}\` reads it too`, help, related };
    context.report(diagnostic("flow.shared-place", placeSpan(sink), message, extra));
    warned.add(sink);
  }
}

function checkSharedPlace(group: readonly Sink[], warned: Set<Sink>, context: Context): void {
  const [first, ...others] = group;
  if (first === undefined) return;
  for (const sink of others) {
    const same =
      sameStream(first, sink) ||
      group.some((one) => one !== sink && before(one, sink) && sameStream(one, sink));
    if (!first.spec.shared || same) {
      reportSamePlace(first, sink, same, context);
      warned.add(sink);
    } else if (differ(first, sink)) {
      const message = `\`${titleOf(first)}\` and \`${titleOf(sink)}\` are readable for different purposes, but stand in the same place.`;
      const help = "Write them to different places, whose readers are not the same.";
      const related = [{ span: placeSpan(first), message: `\`${titleOf(first)}\` is written here` }];
      const extra = { label: `whoever reads it reads \`${titleOf(first)}\` too`, help, related };
      context.report(diagnostic("flow.shared-place", placeSpan(sink), message, extra));
      warned.add(sink);
    }
  }
}

function before(one: Sink, other: Sink): boolean {
  return one.statement.span.start < other.statement.span.start;
}

function sameStream(one: Sink, other: Sink): boolean {
  return titleOf(one) === titleOf(other);
}

function titleOf({ statement }: Sink): string {
  return statement.stream.side === undefined
    ? statement.stream.name.text
    : `${statement.stream.name.text}.${statement.stream.side.text}`;
}

function placeSpan({ statement, spec, bound }: Sink): Sink["statement"]["span"] {
  const names = spec.prefix === undefined ? spec.place : [spec.prefix, ...spec.place];
  const given = names.map((name) => bound.given.get(name)).find((entry) => entry !== undefined);
  return given?.value.span ?? statement.connector.span;
}

function reportSamePlace(first: Sink, sink: Sink, same: boolean, context: Context): void {
  const message = same
    ? `\`${titleOf(sink)}\` is written to the same place twice.`
    : `\`${titleOf(first)}\` and \`${titleOf(sink)}\` write to the same place, so one would replace the other.`;
  const help = same ? "Remove one of the two sinks." : "Give each sink a place of its own.";
  const related = [{ span: placeSpan(first), message: `\`${titleOf(first)}\` is written here` }];
  context.report(
    diagnostic("flow.same-place", placeSpan(sink), message, { label: "the same place", help, related }),
  );
}

function reportCredentials(first: Sink, other: Sink, context: Context): void {
  const entryOf = ({ spec, bound, statement }: Sink): Sink["statement"]["span"] =>
    spec.credentials.map((name) => bound.given.get(name)).find((entry) => entry !== undefined)?.value.span ??
    statement.connector.span;
  const message = `\`${titleOf(first)}\` and \`${titleOf(other)}\` are readable for different purposes, but are written with the same credentials.`;
  const help = "Give each its own credentials, so that nobody gets both by chance.";
  const related = [{ span: entryOf(first), message: `\`${titleOf(first)}\` is written with them here` }];
  const extra = { label: "the same credentials", help, related };
  context.report(diagnostic("flow.shared-credentials", entryOf(other), message, extra));
}

function checkOwnSources(
  sinks: readonly Sink[],
  streams: ReadonlyMap<StreamStatement, Stream>,
  context: Context,
): void {
  const exact = new Map<string, StreamStatement>();
  const globs: {
    readonly pattern: RegExp;
    readonly connector: string;
    readonly statement: StreamStatement;
  }[] = [];
  for (const { statement, step } of streams.values()) {
    if (statement.kind !== "source" || step?.kind !== "source") continue;
    for (const path of pathsOf(step.options)) {
      const pattern = globPattern(path);
      if (pattern === undefined) exact.set(JSON.stringify([step.connector, normalize(path)]), statement);
      else globs.push({ pattern, connector: step.connector, statement });
    }
  }
  for (const sink of sinks) {
    const connector = sink.statement.connector.text;
    const [path] = pathsOf(sink.options);
    if (path === undefined) {
      checkOwnPlace(sink, streams, context);
      continue;
    }
    const place = normalize(path);
    const source =
      exact.get(JSON.stringify([connector, place])) ??
      globs.find((glob) => glob.connector === connector && glob.pattern.test(place))?.statement;
    if (source !== undefined) reportOwnSource(sink, source, context);
  }
}

/** Places that are no paths, such as topics: all options that the source has too must be the same, and a folder one that the source reads. */
function checkOwnPlace(sink: Sink, streams: ReadonlyMap<StreamStatement, Stream>, context: Context): void {
  if (sink.spec.place.length === 0) return;
  for (const { statement, step } of streams.values()) {
    if (step?.kind !== "source" || step.connector !== sink.statement.connector.text) continue;
    const { options } = step;
    const { prefix } = sink.spec;
    const places = sink.spec.place.filter((name) => name !== prefix);
    const shared = places.filter((name) => options[name] !== undefined || sink.options[name] !== undefined);
    const same = shared.every((name) => JSON.stringify(options[name]) === JSON.stringify(sink.options[name]));
    if (shared.length === 0 || !same || !readsBelow(options, sink)) continue;
    reportOwnSource(sink, statement, context);
    return;
  }
}

/** True where the source takes all that is in the sink's folder. What a pattern leaves out is not known here, so one that does is believed. */
function readsBelow(source: OptionValues, { spec, options }: Sink): boolean {
  if (spec.prefix === undefined) return true;
  const [outer, inner] = [folderOf(source, spec.prefix), folderOf(options, spec.prefix)];
  const patterns = [source.pattern ?? []].flat();
  const chooses =
    patterns.length > 0 && patterns.every((one) => typeof one === "string" && /[^*/]/.test(one));
  return outer !== undefined && inner?.startsWith(outer) === true && !chooses;
}

function reportOwnSource(sink: Sink, source: StreamStatement, context: Context): void {
  const message = `This sink writes where the source \`${source.name.text}\` reads.`;
  const help = "Write to another place. Mind the wildcards in the source's path.";
  const related = [{ span: source.name.span, message: "reads there" }];
  const extra = { label: `read by \`${source.name.text}\``, help, related };
  context.report(diagnostic("flow.own-source", placeSpan(sink), message, extra));
}

function pathsOf({ path }: OptionValues): readonly string[] {
  if (typeof path === "string") return [path];
  return Array.isArray(path) ? path.filter((one) => typeof one === "string") : [];
}

function groupBy(
  sinks: readonly Sink[],
  keyOf: (sink: Sink) => string | undefined,
): ReadonlyMap<string, readonly Sink[]> {
  const groups = new Map<string, Sink[]>();
  for (const sink of sinks) {
    const key = keyOf(sink);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push(sink);
    groups.set(key, group);
  }
  return groups;
}
