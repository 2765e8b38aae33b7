// The dashboard and the alerts ask for metrics that there are, in PromQL, and the page on them names each.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { allMetrics } from "../kit/all-metrics.ts";
import { root } from "../kit/cli.ts";
import { pythonMissing, pythonPackages, runPython } from "../kit/python.ts";
import { needServer } from "../kit/servers.ts";
import { readYaml } from "../kit/yaml.ts";

interface Selected {
  readonly name: string | null;
  readonly labels: readonly string[];
}

/** What Prometheus adds to whatever it scrapes. */
const added = ["job", "instance"];

const program = fileURLToPath(new URL("../kit/read_promql.py", import.meta.url));

async function selectedBy(queries: readonly string[]): Promise<readonly (readonly Selected[])[]> {
  const packages = await pythonPackages("promql", ["promql-parser==0.12.0"]);
  const input = JSON.stringify(queries.map((query) => query.replaceAll("$__rate_interval", "5m")));
  const { code, stdout, stderr } = await runPython(packages, program, { input });
  if (code !== 0) throw new Error(stderr);
  const selected: readonly (readonly Selected[])[] = JSON.parse(stdout);
  return selected;
}

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}

function dashboard(): Dashboard {
  return JSON.parse(readFileSync(join(root, "deploy/grafana/strm.json"), "utf8"));
}

describe.skipIf(!needServer("Python", pythonMissing()))("what asks for metrics", () => {
  let metrics: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(async () => {
    metrics = await allMetrics();
  });

  async function expectKnown(queries: readonly string[]): Promise<void> {
    const selected = await selectedBy(queries);
    queries.forEach((query, i) => {
      expect(selected[i]?.length, query).toBeGreaterThan(0);
      for (const { name, labels } of selected[i] ?? []) {
        const known = metrics.get(name ?? "");
        expect(known, `${name} in ${query}`).toBeDefined();
        for (const label of labels) {
          expect(added.includes(label) || known?.has(label), `${label} of ${name} in ${query}`).toBe(true);
        }
      }
    });
  }

  test("the dashboard asks for what there is", async () => {
    const { panels, templating } = dashboard();
    await expectKnown(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
    const values = templating.list.flatMap(({ definition }) => {
      const found = /^label_values\((.*), \w+\)$/.exec(definition ?? "")?.[1];
      return found === undefined ? [] : [found];
    });
    expect(values).toHaveLength(2);
    await expectKnown(values);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
  });

  test("the alerts ask for what there is", async () => {
    const [rules] = await readYaml<Rules>("deploy/prometheus/strm-alerts.yaml");
    const alerts = rules?.groups.flatMap((group) => group.rules) ?? [];
    expect(alerts.length).toBeGreaterThan(5);
    await expectKnown(alerts.map(({ expr }) => expr));
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  test("a metric that there is not would be noticed", async () => {
    await expect(expectKnown(["rate(strm_none_total[5m])"])).rejects.toThrow(/strm_none_total/);
    await expect(expectKnown(['strm_events_total{nothing="x"}'])).rejects.toThrow(
      /nothing of strm_events_total/,
    );
    await expect(selectedBy(["rate(strm_events_total["])).rejects.toThrow();
  });

  test("the page on metrics explains each of ours, and no other", () => {
    const page = readFileSync(join(root, "docs/observability.md"), "utf8");
    const samples = [...metrics.keys()].filter((name) => name.startsWith("strm_"));
    // A histogram is one metric, and several samples.
    const own = new Set(samples.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
    const explained = new Set([...page.matchAll(/^\| `(strm_\w+)/gm)].map(([, name]) => name));
    expect([...explained].toSorted()).toEqual([...own].toSorted());
    for (const [name] of page.matchAll(/\bstrm_[a-z_]+/g)) expect([...own, ...samples], name).toContain(name);
  });
});
