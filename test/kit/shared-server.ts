// Asks for a server that test files share, and for what there is to know of it.
import { inject } from "vitest";

/** Resolves when it is ready: `shared-servers.ts` starts it for whoever asks first. */
export async function sharedServer<Known>(kind: "kafka" | "s3" | "gcs"): Promise<Known> {
  const answer = await fetch(`${inject("sharedServers")}/${kind}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}
