// Tells how often files and folders are made durable in this process.
import { type FileHandle, open } from "node:fs/promises";
import { vi } from "vitest";

/** A spy on `FileHandle.sync`, to be restored. */
export async function syncs() {
  const probe = await open(import.meta.dirname, "r");
  const handles: FileHandle = Object.getPrototypeOf(probe);
  await probe.close();
  return vi.spyOn(handles, "sync");
}
