// The master keys of a run: the key store's own, else the environment's, else the state folder's.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GraphKeyStore } from "../../dsl/graph/job-graph.ts";
import { StrmFailure } from "../failure.ts";
import { type MasterKeys, masterKeyFile, readMasterKeys, stateMasterKeys } from "../privacy/master-key.ts";
import type { PartsContext } from "./parts.ts";
import { requiredValue } from "./values.ts";

export type MastersContext = Pick<PartsContext, "environment" | "stateDir" | "lookup" | "warn">;

export class Masters {
  readonly #context: MastersContext;
  readonly #missing: "made" | "refused";
  #common: Promise<MasterKeys> | undefined;

  /** `missing`: what becomes of a key that the state folder lacks. */
  constructor(context: MastersContext, missing: "made" | "refused") {
    this.#context = context;
    this.#missing = missing;
  }

  /** Of a store, or of a run without any: it still seals what it refuses. */
  async of(declared: GraphKeyStore | undefined): Promise<MasterKeys> {
    if (declared?.masterKey !== undefined) {
      return readMasterKeys(
        requiredValue(declared.masterKey, "master_key", declared.name, this.#context.lookup),
      );
    }
    this.#common ??= this.#openCommon();
    return this.#common;
  }

  async #openCommon(): Promise<MasterKeys> {
    const { environment, stateDir, warn } = this.#context;
    const given = environment.STRM_MASTER_KEY;
    if (given !== undefined && given !== "") return readMasterKeys(given);
    if (this.#missing === "refused" && !existsSync(join(stateDir, masterKeyFile))) throw noKey(stateDir);
    const { keys, made } = await stateMasterKeys(stateDir);
    if (made) {
      warn(
        `A master key was made: ${stateDir}/${masterKeyFile}. Without it, nothing that this pipeline seals can be opened.`,
        "Keep a copy of it in a safe place, or bring your own in STRM_MASTER_KEY.",
      );
    }
    return keys;
  }
}

function noKey(stateDir: string): StrmFailure {
  return new StrmFailure(
    "keys.bad-master-key",
    `There is no master key: STRM_MASTER_KEY is not set, and ${stateDir} holds no ${masterKeyFile}.`,
    "Set STRM_MASTER_KEY to the master key of the run, or put its file back.",
  );
}
