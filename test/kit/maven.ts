// Fetches published jars with all they need, once: what is there is used again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./servers.ts";

/** The folder of the jars. `artifacts`: `group:name:version`. Right also where several processes ask at once: the first to finish counts. */
export async function jarsOf(name: string, artifacts: readonly string[]): Promise<string> {
  const cache = cacheFolder("jars");
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(cache, `${name}-`));
  try {
    writeFileSync(join(work, "pom.xml"), pomOf(artifacts));
    const jars = join(work, "jars");
    mkdirSync(jars);
    const goal = "dependency:copy-dependencies";
    const maven = spawn("mvn", ["-B", "-q", goal, "-DincludeScope=runtime", `-DoutputDirectory=${jars}`], {
      cwd: work,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [maven.stdout, maven.stderr])
      stream.on("data", (chunk) => (output += String(chunk)));
    const [code] = await once(maven, "exit");
    if (code !== 0) throw new Error(`Maven could not fetch ${artifacts.join(", ")}:\n${output.slice(-2000)}`);
    // Another one may have been faster.
    if (!existsSync(folder)) renameSync(jars, folder);
    return folder;
  } catch (error) {
    if (existsSync(folder)) return folder;
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
