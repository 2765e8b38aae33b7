// A real schema registry, Apicurio, from its published archive: it speaks Confluent's REST API, and keeps schemas in memory.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMALL_JVM } from "./java.ts";
import { archiveOf } from "./maven.ts";
import { freePorts } from "./ports.ts";
import { javaMissing, needServer } from "./servers.ts";
import { readyWhen, startSupervised } from "./supervised.ts";

const VERSION = "3.0.9";
const READY_MS = 90_000;

export interface RegistryServer {
  /** Where its Confluent-compatible API begins. */
  readonly url: string;
  /** Ends it and forgets its schemas. */
  stop(): Promise<void>;
}

/** True where `startRegistry` gives one; see `needServer`. */
export function hasRegistry(): boolean {
  return needServer("A schema registry", javaMissing());
}

/** Resolves when it answers. */
export async function startRegistry(): Promise<RegistryServer> {
  const archive = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
  const program = await archiveOf(`apicurio-registry-${VERSION}`, archive);
  const folder = mkdtempSync(join(tmpdir(), "strm-registry-"));
  try {
    const [port = 0] = await freePorts(1);
    const log = join(folder, "log");
    writeFileSync(log, "");
    const server = await startSupervised({
      command: "java",
      args: [
        ...["-Xmx256m", ...SMALL_JVM],
        ...["-jar", join(program, `apicurio-registry-app-${VERSION}-runner.jar`)],
      ],
      cwd: folder,
      env: {
        QUARKUS_HTTP_HOST: "127.0.0.1",
        QUARKUS_HTTP_PORT: String(port),
        // It says that it listens, which is what we wait for.
        QUARKUS_LOG_CATEGORY__IO_QUARKUS__LEVEL: "INFO",
        APICURIO_STORAGE_KIND: "sql",
        APICURIO_STORAGE_SQL_KIND: "h2",
      },
      log,
      remove: [folder],
    });
    await readyWhen(server, "Listening on", READY_MS);
    return {
      url: `http://127.0.0.1:${port}/apis/ccompat/v7`,
      stop: async () => {
        server.signal("SIGKILL");
        await server.ended;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
