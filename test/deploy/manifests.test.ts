// The Kubernetes manifests keep to their schemas, and to what the program and the pipeline that they run ask for.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultRetryPolicy } from "../../runner/engine/retry.ts";
import { root } from "../kit/cli.ts";
import { pythonMissing, pythonPackages } from "../kit/python.ts";
import { needServer } from "../kit/servers.ts";
import { readYaml } from "../kit/yaml.ts";

const base = "deploy/kubernetes/base";

interface Kustomization {
  readonly resources?: readonly string[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly files?: readonly string[];
    readonly literals?: readonly string[];
  }[];
  readonly secretGenerator?: readonly { readonly name: string; readonly envs: readonly string[] }[];
}

interface StatefulSet {
  readonly spec: {
    readonly serviceName: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly [Container];
        readonly volumes: readonly [
          {
            readonly configMap: {
              readonly name: string;
              readonly items: readonly { readonly key: string; readonly path: string }[];
            };
          },
        ];
      };
    };
  };
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly envFrom: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

async function one<T>(path: string): Promise<T> {
  const [document, ...more] = await readYaml<T>(path);
  if (document === undefined || more.length > 0) throw new Error(`${path} does not hold one document`);
  return document;
}

const pipeline = readFileSync(join(root, "pipelines/kafka/clickstream.strm"), "utf8");
const found = (pattern: RegExp): readonly string[] =>
  [...pipeline.matchAll(pattern)].map(([, name = ""]) => name);

describe.skipIf(!needServer("Python", pythonMissing()))("the manifests", () => {
  test("are what Kubernetes takes, and nothing that it does not know", async () => {
    const packages = await pythonPackages("kubernetes-validate", ["kubernetes-validate==1.37.0"]);
    const { resources = [] } = await one<Kustomization>(`${base}/kustomization.yaml`);
    const files = resources.filter((path) => path.endsWith(".yaml")).map((path) => join(root, base, path));
    expect(files.length).toBe(4);
    const args = ["-S", "-m", "kubernetes_validate", "--strict", ...files];
    const { status, stdout, stderr } = spawnSync("python3", args, {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: packages },
    });
    expect(status, stdout + stderr).toBe(0);
    expect((stdout + stderr).match(/passed/g)?.length).toBe(files.length);
  });

  test("name resources that there are", async () => {
    for (const folder of [base, "deploy/kubernetes/keda", "pipelines"]) {
      const { resources = [], configMapGenerator = [] } = await one<Kustomization>(
        `${folder}/kustomization.yaml`,
      );
      const files = configMapGenerator.flatMap(({ files = [] }) =>
        files.map((file) => file.replace(/^[^=]*=/, "")),
      );
      for (const path of [...resources, ...files])
        expect(existsSync(join(root, folder, path)), path).toBe(true);
    }
  });

  test("give a run longer to stop than it may take", async () => {
    const { spec } = await one<StatefulSet>(`${base}/stateful-set.yaml`);
    expect(spec.template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(
      defaultRetryPolicy.boundMs + 30_000,
    );
  });

  test("run the pipeline with all that it looks up", async () => {
    const { spec } = await one<StatefulSet>(`${base}/stateful-set.yaml`);
    const { containers, volumes } = spec.template.spec;
    const [container] = containers;
    const settings = await one<Kustomization>(`${base}/kustomization.yaml`);
    const pipelines = await one<Kustomization>("pipelines/kustomization.yaml");
    const [files] = pipelines.configMapGenerator ?? [];
    const mounted = volumes[0].configMap;
    expect(mounted.name).toBe(files?.name);
    expect(mounted.items.map(({ key, path }) => (key === path ? path : `${key}=${path}`)).toSorted()).toEqual(
      files?.files?.toSorted(),
    );
    expect(mounted.items.map(({ path }) => path)).toContain(container.args[1]);

    const literals = settings.configMapGenerator?.[0]?.literals?.map((line) => line.split("=")[0]) ?? [];
    const example = readFileSync(join(root, base, "keys.env.example"), "utf8");
    const secrets = example
      .trimEnd()
      .split("\n")
      .map((line) => line.split("=")[0]);
    const given = [...literals, ...secrets, ...container.env.map(({ name }) => name)];
    const wanted = new Set([
      ...found(/\benv\("(\w+)"/g),
      ...found(/\bsecret\("(\w+)"/g),
      "STRM_MASTER_KEY",
      "STRM_LISTEN_TOKEN",
    ]);
    expect(given.toSorted()).toEqual([...wanted].toSorted());
    expect(container.envFrom.map(({ configMapRef, secretRef }) => (configMapRef ?? secretRef)?.name)).toEqual(
      [settings.configMapGenerator?.[0]?.name, settings.secretGenerator?.[0]?.name],
    );
    expect(readFileSync(join(root, ".gitignore"), "utf8")).toContain(`${base}/keys.env\n`);
  });

  test("probe what is served, and keep to what the image can do", async () => {
    const { spec } = await one<StatefulSet>(`${base}/stateful-set.yaml`);
    const { containers, securityContext } = spec.template.spec;
    const [{ args, ports, livenessProbe, readinessProbe, securityContext: own }] = containers;
    expect(livenessProbe.httpGet).toEqual({ path: "/livez", port: ports[0].name });
    expect(readinessProbe.httpGet).toEqual({ path: "/readyz", port: ports[0].name });
    expect(args).toContain(`--listen=0.0.0.0:${ports[0].containerPort}`);
    const [user] = /^USER (\d+):\1$/m.exec(readFileSync(join(root, "Containerfile"), "utf8")) ?? [];
    expect(user).toBe(`USER ${securityContext.runAsUser}:${securityContext.fsGroup}`);
    expect(own).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    for (const file of ["service.yaml", "disruption-budget.yaml"]) {
      const { spec: other } = await one<{ spec: { selector: { matchLabels?: unknown } } }>(`${base}/${file}`);
      expect(other.selector.matchLabels ?? other.selector, file).toEqual(spec.selector.matchLabels);
    }
  });

  test("scale by the lag of the very group and topic, up to its partitions", async () => {
    interface ScaledObject {
      readonly spec: {
        readonly scaleTargetRef: { readonly kind: string; readonly name: string };
        readonly maxReplicaCount: number;
        readonly triggers: readonly [
          { readonly type: string; readonly metadata: Readonly<Record<string, string>> },
        ];
      };
    }
    const { spec } = await one<ScaledObject>("deploy/kubernetes/keda/scaled-object.yaml");
    const [{ type, metadata }] = spec.triggers;
    expect(type).toBe("kafka");
    expect(metadata).toMatchObject({
      consumerGroup: found(/group\s+= "(.*)"/g)[0],
      topic: found(/topic\s+= "(.*)"/g)[0],
    });
    expect(pipeline).toContain(`env("${metadata.bootstrapServersFromEnv}"`);
    expect(spec.scaleTargetRef).toMatchObject({ kind: "StatefulSet", name: "strm" });
    expect(`${spec.maxReplicaCount}`).toBe(found(/partitions = (\d+)/g)[0]);
  });
});
