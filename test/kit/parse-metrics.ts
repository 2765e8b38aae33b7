// Metrics as Prometheus' own Python client reads them.
import { fileURLToPath } from "node:url";
import { pythonPackages, runPython } from "./python.ts";

export interface MetricFamily {
  /** Without the `_total` of counters. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Null: there is no number yet. */
    readonly value: number | null;
  }[];
}

const program = fileURLToPath(new URL("parse_metrics.py", import.meta.url));

/** Rejects where a line is not in the text format. */
export async function parseMetrics(text: string): Promise<readonly MetricFamily[]> {
  const packages = await pythonPackages("prometheus", ["prometheus_client==0.26.0"]);
  const { code, stdout, stderr } = await runPython(packages, program, { input: text });
  if (code !== 0) throw new Error(stderr);
  const families: readonly MetricFamily[] = JSON.parse(stdout);
  return families;
}

/** The value of the one sample with that name and these labels; undefined where there is none. */
export function sampleOf(
  families: readonly MetricFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null | undefined {
  const same = Object.entries(labels);
  const found = families
    .flatMap(({ samples }) => samples)
    .filter(
      (sample) => sample.name === name && same.every(([label, value]) => sample.labels[label] === value),
    );
  if (found.length > 1) throw new Error(`there are ${found.length} samples of ${name}`);
  return found[0]?.value;
}
