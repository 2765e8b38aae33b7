// Fetches published jars and archives, once: what is there is used again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./servers.ts";

/** The folder of the jars, with all they need. `artifacts`: `group:name:version`. */
export async function jarsOf(name: string, artifacts: readonly string[]): Promise<string> {
  return await fetchedOnce(name, async (work, target) => {
    writeFileSync(join(work, "pom.xml"), pomOf(artifacts));
    const wish = ["-DincludeScope=runtime", `-DoutputDirectory=${target}`];
    await finished("mvn", ["-B", "-q", "dependency:copy-dependencies", ...wish], work);
  });
}

/** The folder of what an archive (`tar.gz`) holds. `artifact`: `group:name:version:tar.gz:classifier`. */
export async function archiveOf(name: string, artifact: string): Promise<string> {
  return await fetchedOnce(name, async (work, target) => {
    const wish = [`-Dartifact=${artifact}`, "-DoutputDirectory=.", "-Dmdep.stripVersion=true"];
    await finished("mvn", ["-B", "-q", "dependency:copy", ...wish], work);
    const [, file = "", , type, classifier] = artifact.split(":");
    await finished("tar", ["-xzf", `${file}-${classifier}.${type}`, "-C", target], work);
  });
}

/** Right also where several processes ask at once: the first to finish counts. */
async function fetchedOnce(
  name: string,
  fetch: (work: string, target: string) => Promise<void>,
): Promise<string> {
  const cache = cacheFolder("jars");
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(cache, `${name}-`));
  try {
    const target = join(work, "target");
    mkdirSync(target);
    await fetch(work, target);
    // Another one may have been faster.
    if (!existsSync(folder)) renameSync(target, folder);
    return folder;
  } catch (error) {
    if (existsSync(folder)) return folder;
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function finished(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${output.slice(-2000)}`);
}

function pomOf(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(":");
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>strm</groupId><artifactId>tests</artifactId><version>1</version>
<dependencies>${dependencies.join("\n")}</dependencies></project>
`;
}
