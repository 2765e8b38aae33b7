// Writes a file under a hidden name in its folder and makes it visible, whole, when the run completes.
import { chmod, type FileHandle, link, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { Sink, SinkContext, SinkReport } from "../connector.ts";
import { codeOf, fileFailure, notAFile } from "./failures.ts";
import type { fileSpec } from "./spec.ts";
import { removeLeftovers, temporaryName } from "./temporary.ts";
import { type Identity, identityOf, Written } from "./written.ts";

type Options = OptionsOf<typeof fileSpec.sink.options>;

/** Throws a `file.*` failure before any event is read where the file could not be put in place later. */
export async function openFileSink(options: Options, context: SinkContext): Promise<Sink> {
  const target = resolve(context.baseDir, options.path);
  context.claim(target);
  try {
    const written = new Written(context.stateDir, target);
    await checkReplaceable(target, options, context, written);
    await mkdir(dirname(target), { recursive: true });
    await removeLeftovers(target);
    const temporary = temporaryName(target);
    const handle = await open(temporary, "wx", context.secret ? 0o600 : 0o666);
    // A umask may have taken even the owner's rights, or a mode may be refused by the file system: say it now.
    if (context.secret) await chmod(temporary, 0o600);
    return new FileSink(target, temporary, handle, options, context, written);
  } catch (error) {
    throw fileFailure(error, target, "write");
  }
}

class FileSink implements Sink {
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #options: Options;
  readonly #context: SinkContext;
  readonly #written: Written;
  #events = 0;
  #sizeBytes = 0;
  #open = true;
  #inPlace = false;

  constructor(
    target: string,
    temporary: string,
    handle: FileHandle,
    options: Options,
    context: SinkContext,
    written: Written,
  ) {
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#options = options;
    this.#context = context;
    this.#written = written;
  }

  async write(bytes: Uint8Array, events: number): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
      }
    } catch (error) {
      throw fileFailure(error, this.#target, "write");
    }
    this.#events += events;
    this.#sizeBytes += bytes.length;
  }

  async complete(): Promise<readonly SinkReport[]> {
    try {
      await this.#handle.sync();
      const identity = identityOf(await this.#handle.stat({ bigint: true }));
      await this.#close();
      // Noted first: a crash between the two must not make our own file a stranger's.
      await this.#written.note(identity, await identityAt(this.#target));
      await this.#putInPlace();
      this.#inPlace = true;
      await syncFolder(dirname(this.#target));
    } catch (error) {
      throw fileFailure(error, this.#target, "write");
    }
    return [{ target: this.#target, events: this.#events, sizeBytes: this.#sizeBytes }];
  }

  async abort(): Promise<void> {
    try {
      await this.#close();
      if (!this.#inPlace) await unlink(this.#temporary);
    } catch {
      // A leftover is hidden and the next run removes it.
    }
  }

  async #close(): Promise<void> {
    if (this.#open) await this.#handle.close();
    this.#open = false;
  }

  async #putInPlace(): Promise<void> {
    if (await checkReplaceable(this.#target, this.#options, this.#context, this.#written)) {
      await rename(this.#temporary, this.#target);
      return;
    }
    try {
      // A link fails where a file has come in the meantime; a rename would replace it.
      await link(this.#temporary, this.#target);
      await unlink(this.#temporary);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw existsFailure(this.#target, this.#context.step);
      if (!NO_LINKS.has(codeOf(error) ?? "")) throw error;
      await this.#claimAndRename();
    }
  }

  /** For file systems without hard links: an empty file that only we can have made is then replaced. */
  async #claimAndRename(): Promise<void> {
    try {
      await (await open(this.#target, "wx")).close();
    } catch (error) {
      throw codeOf(error) === "EEXIST" ? existsFailure(this.#target, this.#context.step) : error;
    }
    await rename(this.#temporary, this.#target);
  }
}

/** What file systems without hard links answer; EPERM among them. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** True: a file stands there and may be replaced. False: nothing stands there. Else throws. */
async function checkReplaceable(
  target: string,
  options: Options,
  context: SinkContext,
  written: Written,
): Promise<boolean> {
  const standing = await identityAt(target);
  if (standing === undefined) return false;
  if (!options.overwrite && !(await written.has(standing))) throw existsFailure(target, context.step);
  return true;
}

async function identityAt(target: string): Promise<Identity | undefined> {
  try {
    const status = await stat(target, { bigint: true });
    if (status.isDirectory()) throw notAFile(target, "it is a folder");
    if (!status.isFile()) throw notAFile(target, "it is a device or a pipe");
    return identityOf(status);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function existsFailure(target: string, step: string): StrmFailure {
  return new StrmFailure(
    "file.exists",
    `Sink \`${step}\` would replace ${basename(target)}, which this pipeline did not write or which was changed since: ${target}.`,
    "Move the file away, choose another `path`, or say `overwrite = true` where it may be lost.",
  );
}

/** Makes the new name itself durable. Some systems can't open folders; there the rename is durable by itself. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes(codeOf(error) ?? "")) throw error;
  }
}
