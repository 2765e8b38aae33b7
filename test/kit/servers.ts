// Says whether a server that tests need can be had here: elsewhere its tests are skipped with a reason, in CI they fail.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** What is missing for a server, and what to do about it. */
export interface Missing {
  readonly what: string;
  readonly help: string;
}

/**
 * True where nothing is missing. Else tests that need the server are to be skipped, and the reason stands on standard error; with `CI=true`
 * it throws instead, so that nothing goes untested unnoticed.
 *
 * @example
 * describe.skipIf(!needServer("Kafka", kafkaMissing()))("a broker", () => { … });
 */
export function needServer(server: string, missing: Missing | undefined): boolean {
  if (missing === undefined) return true;
  const message = `${server} can't be had: ${missing.what}. ${missing.help}`;
  if (process.env.CI === "true") throw new Error(message);
  process.stderr.write(`skipped, since ${message}\n`);
  return false;
}

/** Java 17 or newer and Maven, by which servers made in Java are fetched and run. */
export function javaMissing(): Missing | undefined {
  const help = "Install a Java runtime of version 17 or newer (a headless one will do) and Maven.";
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = /version "(\d+)/.exec(java.stderr ?? "")?.[1];
  if (version === undefined) return { what: "there is no `java`", help };
  if (Number(version) < 17) return { what: `\`java\` has version ${version}`, help };
  if (spawnSync("mvn", ["-v"]).status !== 0) return { what: "there is no `mvn`", help };
  return undefined;
}

/** As `javaMissing`, and what runs programs from their source. */
export function javaCompilerMissing(): Missing | undefined {
  const missing = javaMissing();
  if (missing !== undefined) return missing;
  const { stdout } = spawnSync("java", ["--list-modules"], { encoding: "utf8" });
  if (stdout.includes("jdk.compiler")) return undefined;
  return {
    what: "`java` has no compiler",
    help: "Install a development kit (JDK) of version 17 or newer and Maven.",
  };
}

/** A folder that outlives test runs, for what is fetched once. */
export function cacheFolder(name: string): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "strm-tests", name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
