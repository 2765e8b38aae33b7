// How servers and tools made in Java are run: with little memory, and soon ready.
import { spawn } from "node:child_process";
import { once } from "node:events";

/** For short runs: one thread collects garbage, and only the quick compiler compiles. */
export const SMALL_JVM: readonly string[] = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

export interface JavaResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a main class to its end. `jars`: a folder. */
export async function runJava(jars: string, main: string, args: readonly string[]): Promise<JavaResult> {
  const logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
  const tool = spawn("java", ["-Xmx128m", ...SMALL_JVM, logging, "-cp", `${jars}/*`, main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  tool.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  tool.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  const [code] = await once(tool, "close");
  return { code: Number(code), ...output };
}
