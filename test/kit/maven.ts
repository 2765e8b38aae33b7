// Fetches published jars and archives, once: what is there is used again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchedOnce, finished } from "./fetched-once.ts";

/** The folder of the jars, with all they need. `artifacts`: `group:name:version`. */
export async function jarsOf(name: string, artifacts: readonly string[]): Promise<string> {
  return await fetchedOnce("jars", name, async (work, target) => {
    writeFileSync(join(work, "pom.xml"), pomOf(artifacts));
    const wish = ["-DincludeScope=runtime", `-DoutputDirectory=${target}`];
    await finished("mvn", ["-B", "-q", "dependency:copy-dependencies", ...wish], work);
  });
}

/** The folder of what an archive (`tar.gz`) holds. `artifact`: `group:name:version:tar.gz:classifier`. */
export async function archiveOf(name: string, artifact: string): Promise<string> {
  return await fetchedOnce("jars", name, async (work, target) => {
    const wish = [`-Dartifact=${artifact}`, "-DoutputDirectory=.", "-Dmdep.stripVersion=true"];
    await finished("mvn", ["-B", "-q", "dependency:copy", ...wish], work);
    const [, file = "", , type, classifier] = artifact.split(":");
    await finished("tar", ["-xzf", `${file}-${classifier}.${type}`, "-C", target], work);
  });
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
