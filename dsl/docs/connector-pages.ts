// The reference pages of connectors and key stores, made of what each declares about itself.
import type { Catalog, ConnectorSpec, KeyStoreSpec, SinkSpec, SourceSpec } from "../spec/connector-spec.ts";
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
    `**When a run is started again:** ${
      source.replay.kind === "whole" ? "everything is read again" : "what was read is not read again"
    }, since ${source.replay.why}.`,
  ).trimEnd();
}

function sinkPart(sink: SinkSpec, catalog: Catalog): string {
  const { events, rejected, keys } = sink.formats;
  const formats = (names: readonly string[]) => (names.length === 0 ? "—" : names.map(code).join(", "));
  const promises = catalog.connectors.flatMap(({ name, source }) =>
    source === undefined ? [] : [[code(name), deliveryOf(source.replay, sink.repeat).promise]],
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
    `**When something is written again:** it ${sink.repeat.kind === "replaces" ? "replaces what stands there" : "is added to what stands there"}, since ${sink.repeat.why}.`,
    "What a route promises when a run breaks off and is started again:",
    table(["from", "promise"], promises),
  ).trimEnd();
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
