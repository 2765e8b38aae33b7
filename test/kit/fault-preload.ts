// Loaded into a run before anything else: makes one call at one seam fail, or kills the process right before or after it.
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort } from "node:worker_threads";
import type { Fault, Seam } from "./faults.ts";

const fault: Fault = JSON.parse(process.env.STRM_TEST_FAULT ?? "null");
let calls = 0;

/** Counts a call at a seam, and lets happen there what should. True: the process is to die once the call is done. */
function meets(seam: Seam | undefined): boolean {
  if (seam !== fault.seam || ++calls < fault.nth || calls >= fault.nth + (fault.times ?? 1)) return false;
  if (fault.how === "fail") throw errorOf(fault);
  if (fault.how === "kill before") die();
  return true;
}

async function around<T>(seam: Seam | undefined, call: () => Promise<T>): Promise<T> {
  const last = meets(seam);
  const result = await call();
  if (last) die();
  return result;
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** As the system, or SQLite, reports it. */
function errorOf({ code = "EIO", errcode }: Fault): Error {
  const error = new Error(`${code}: injected`);
  return Object.assign(
    error,
    errcode === undefined ? { code, syscall: "test" } : { code: "ERR_SQLITE_ERROR", errcode },
  );
}

function seamOfFile(path: string, method: string): Seam | undefined {
  if (path.endsWith(".strm-part"))
    return method === "write" ? "sink write" : method === "datasync" ? "sink sync" : undefined;
  if (basename(dirname(path)) === "written" && method === "sync") return "note";
  if (basename(dirname(path)) === "quarantine") return method === "write" ? "quarantine write" : undefined;
  return undefined;
}

function seamOfDatabase(path: string): Seam | undefined {
  if (path.endsWith("keys.db")) return "key store";
  return path.endsWith("state.db") ? "checkpoint" : undefined;
}

if (isMainThread) {
  const paths = new WeakMap<object, string>();
  const { open, rename, link } = fs;
  const probe = await open("/dev/null");
  const handles: FileHandle = Object.getPrototypeOf(probe);
  await probe.close();
  fs.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    paths.set(handle, String(path));
    return handle;
  };
  // Whichever of the two puts a file in place; others rename, too.
  const seamOf = (from: unknown): Seam | undefined =>
    String(from).endsWith(".strm-part") ? "rename" : undefined;
  fs.rename = (from, to) => around(seamOf(from), () => rename(from, to));
  fs.link = (from, to) => around(seamOf(from), () => link(from, to));
  for (const method of ["write", "datasync", "sync"] as const) {
    const original = handles[method];
    Object.defineProperty(handles, method, {
      value(this: FileHandle, ...args: readonly unknown[]) {
        return around(seamOfFile(paths.get(this) ?? "", method), () => Reflect.apply(original, this, args));
      },
    });
  }
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    const seam = sql === "COMMIT" ? seamOfDatabase(this.location() ?? "") : undefined;
    const last = meets(seam);
    exec.call(this, sql);
    if (last) die();
  };
  syncBuiltinESMExports();
} else if (parentPort !== null && fault.seam === "worker") {
  // Each batch is two messages: keys, then the work.
  parentPort.on("message", () => {
    if (++calls === fault.nth) process.exit(7);
  });
}
