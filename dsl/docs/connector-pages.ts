// The reference pages of connectors and key stores, made of what each declares about itself.
import type {
  Catalog,
  ConnectorSpec,
  KeyStoreSpec,
  Recovery,
  SinkSpec,
  SourceSpec,
} from "../spec/connector-spec.ts";
import { deliveryOf } from "../spec/delivery.ts";
import { tableOfKeys, tableOfSink, tableOfSource } from "../spec/statement-options.ts";
import { block, code, generatedNote, page, table } from "./markdown.ts";
import { optionRows } from "./option-rows.ts";

/** One connector: what it reads and writes, every option, and the promise it can keep. */
export function connectorPage(spec: ConnectorSpec, catalog: Catalog): string {
  return page(
    generatedNote,
    `# Connector ${code(spec.name)}`,
    spec.summary,
    spec.source && sourcePart(spec.source),
    spec.sink && sinkPart(spec.sink, catalog),
    spec.source === undefined ? "Nothing can be read from it." : undefined,
    spec.sink === undefined ? "Nothing can be written to it." : undefined,
  );
}

function sourcePart(source: SourceSpec): string {
  return page(
    "## As a source",
    block(source.example, "strm"),
    optionRows(tableOfSource(source)),
    `**Formats:** ${source.formats.map(code).join(", ")}.`,
    `**When a run is started again:** ${recoveryText(source.recovery, {
      exact: "it goes on right behind the last event of its checkpoint",
      loses: "events that were read since its checkpoint are lost",
    })}`,
    tuningText(source.tuning),
  ).trimEnd();
}

function sinkPart(sink: SinkSpec, catalog: Catalog): string {
  const { events, rejected, keys } = sink.formats;
  const formats = (names: readonly string[]) => (names.length === 0 ? "—" : names.map(code).join(", "));
  const promises = catalog.connectors.flatMap(({ name, source }) =>
    (source?.recovery ?? []).flatMap((from) =>
      sink.recovery.map((to) => [code(name) + whenText(from) + whenText(to), deliveryOf(from, to).promise]),
    ),
  );
  return page(
    "## As a sink",
    block(sink.example, "strm"),
    optionRows(tableOfSink(sink)),
    table(
      ["what is written", "formats"],
      [
        ["events", formats(events)],
        ["`NAME.rejected`", formats(rejected)],
        ["`NAME.keys`", formats(keys)],
      ],
    ),
    `**When a run is started again:** ${recoveryText(sink.recovery, {
      exact: "what came after its checkpoint is taken back",
      repeats: "what came after its checkpoint stays there, and is written again",
    })}`,
    tuningText(sink.tuning),
    "What a route promises when a run breaks off and is started again:",
    table(["from", "promise"], promises),
  ).trimEnd();
}

/** One sentence for each entry. `kinds`: what each kind means, as a clause. */
function recoveryText<K extends string>(
  recovery: readonly Recovery<K>[],
  kinds: Readonly<Record<K, string>>,
) {
  const part = (one: Recovery<K>) => `${kinds[one.kind]}${whenText(one)}, since ${one.why}`;
  return `${recovery.map(part).join("; ")}.`;
}

/** ` with `resend = true``, or nothing. */
function whenText({ when }: Recovery<string>): string {
  if (when === undefined) return "";
  const options = Object.entries(when).map(([name, value]) => code(`${name} = ${JSON.stringify(value)}`));
  return ` with ${options.join(" and ")}`;
}

function tuningText(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return `A run may go on with another value of ${names.map(code).join(", ")}.`;
}

/** All key stores on one page. */
export function keyStoresPage(catalog: Catalog): string {
  const part = (store: KeyStoreSpec): string =>
    page(
      `## ${code(store.name)}`,
      store.summary,
      block(store.example, "strm"),
      optionRows(tableOfKeys(store)),
    ).trimEnd();
  return page(
    generatedNote,
    "# Key stores",
    `Data keys are kept in a key store. \`keys NAME in STORE { … }\` declares one; a program without any uses ${code(catalog.defaultKeyStore)}.`,
    "A key is durable in its store before the first value sealed with it is written. The store holds no personal data: the values of `@key` and `@subject` stand there only as keyed digests, and the secrets are wrapped by the master key.",
    ...catalog.keyStores.map(part),
  );
}
