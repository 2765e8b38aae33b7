// The least that a connector can be: files read line by line, and files added to that are cut back to the checkpoint.
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type Connector,
  connector,
  type SinkContext,
  type SourceContext,
} from "../../runner/connectors/connector.ts";
import type { Item, Sink, Source } from "../../runner/connectors/delivery.ts";
import { fileSpec } from "../../runner/connectors/file/spec.ts";

/** Takes the place of the connector `file`; paths are one each, and `follow` is ignored. */
export const plainFiles: Connector = connector({
  spec: fileSpec,
  openSource: async () => async (options, context) => sourceOf(String(options.path), context),
  openSink: async () => async (options, context) => sinkOf(options.path, context),
});

function sourceOf(path: string, { baseDir, resume }: SourceContext): Source {
  const partition = basename(path);
  return {
    async *items(stop): AsyncGenerator<Item> {
      let offsetBytes = 0;
      const from = Number(resume.get(partition) ?? 0);
      for (const [i, line] of readFileSync(join(baseDir, path), "utf8")
        .split(/(?<=\n)/)
        .entries()) {
        const bytes = new Uint8Array(Buffer.from(line));
        const batch = { bytes, origin: partition, firstLine: i + 1, offsetBytes, readTimeMs: 0 };
        offsetBytes += bytes.length;
        if (offsetBytes <= from) continue;
        if (stop.aborted) return;
        yield { partition, position: offsetBytes, content: { kind: "batch", batch } };
      }
    },
    close: async () => {},
  };
}

function sinkOf(path: string, { baseDir, resume }: SinkContext): Sink {
  const target = join(baseDir, path);
  const size = () => (existsSync(target) ? statSync(target).size : 0);
  if (resume === undefined) writeFileSync(target, "");
  else truncateSync(target, Number(resume));
  let [written, prepared] = [0, 0];
  return {
    write: async (bytes, events) => {
      appendFileSync(target, bytes);
      written += events;
    },
    prepare: async () => {
      prepared += written;
      written = 0;
      return size();
    },
    commit: async () => {
      const committed = { events: prepared, written: [] };
      prepared = 0;
      return committed;
    },
    close: async () => {},
  };
}
