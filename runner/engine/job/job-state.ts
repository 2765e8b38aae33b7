// What outlives a run: positions, sinks' states, ledger and the graph they belong to, changed by one transaction a checkpoint.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { JobGraph, Json } from "../../../dsl/graph/job-graph.ts";
import type { Position } from "../../connectors/delivery.ts";
import { StrmFailure } from "../../failure.ts";
import { loadSqlite } from "../../load-sqlite.ts";
import { readSqlite } from "../../read-sqlite.ts";
import type { SavedLedger } from "../ledger.ts";
import { replayLane } from "../replay/replay-lanes.ts";
import { stateFailure } from "./state-failures.ts";

const FILE = "state.db";
const VERSION = 2;
/** From version 1 to 2. */
const MIGRATION = "ALTER TABLE job ADD COLUMN doubtful TEXT; PRAGMA user_version = 2;";
const TABLES = `
  CREATE TABLE job (
    only INTEGER PRIMARY KEY CHECK (only = 1), job TEXT NOT NULL, graph TEXT NOT NULL, first_run TEXT NOT NULL, run TEXT NOT NULL,
    status TEXT NOT NULL, checkpoint INTEGER NOT NULL, settled INTEGER NOT NULL, saved_ms INTEGER NOT NULL, ledger TEXT, doubtful TEXT
  ) STRICT;
  CREATE TABLE positions (source TEXT, partition TEXT, position TEXT NOT NULL, PRIMARY KEY (source, partition)) STRICT, WITHOUT ROWID;
  CREATE TABLE sinks (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE exported (step TEXT, key_link TEXT, PRIMARY KEY (step, key_link)) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};`;

/** `running` stands also for a run that was killed: nobody was left to say so. */
export type JobStatus = "running" | "stopped" | "failed" | "completed";

export interface JobSummary {
  /** Names the job on this folder, 8 letters. */
  readonly job: string;
  readonly graph: JobGraph;
  /** The run that started from the beginning, and the last one. */
  readonly firstRun: string;
  readonly run: string;
  readonly status: JobStatus;
  /** 0: none was made yet. */
  readonly checkpoint: number;
  /** The ledger shows already what the sinks' commits of that checkpoint made visible. */
  readonly settled: boolean;
  /** When the checkpoint was made, or the job begun where there is none. */
  readonly savedMs: number;
  readonly ledger: SavedLedger | undefined;
  /** The number of a checkpoint behind that one of which only its decider knows whether it holds. */
  readonly doubtful: number | undefined;
}

/** What one checkpoint changes. */
export interface CheckpointRecord {
  readonly checkpoint: number;
  /** Those that moved since the last one. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, Position>>;
  readonly sinks: ReadonlyMap<string, Json>;
  readonly ledger: SavedLedger;
  /** Key links exported since the last one, by encrypt step. */
  readonly exported: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Every method throws `run.state-folder` where the folder does not do what it should. */
export class JobState {
  readonly folder: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Proposed and not applied yet; `held` where it is known to hold. */
  #proposed: { readonly record: CheckpointRecord; held: boolean } | undefined;

  private constructor(folder: string, database: DatabaseSync) {
    this.folder = folder;
    this.#database = database;
  }

  /** Makes folder and tables where they are missing. */
  static open(folder: string): JobState {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { DatabaseSync } = loadSqlite();
      const database = new DatabaseSync(join(folder, FILE));
      database.exec("PRAGMA busy_timeout = 15000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      const version = versionOf(database, folder);
      if (version === 0) database.exec(`BEGIN; ${TABLES} COMMIT`);
      if (version === 1) database.exec(`BEGIN; ${MIGRATION} COMMIT`);
      return new JobState(folder, database);
    } catch (cause) {
      throw stateFailure(folder, cause);
    }
  }

  /** For those who only look, also while a run is on: changes nothing. Undefined where no run has begun yet. */
  static look(folder: string): JobState | undefined {
    const path = join(folder, FILE);
    if (!existsSync(path)) return undefined;
    try {
      const database = readSqlite(path);
      if (versionOf(database, folder) > 0) return new JobState(folder, database);
      database.close();
      return undefined;
    } catch (cause) {
      throw stateFailure(folder, cause);
    }
  }

  summary(): JobSummary | undefined {
    return this.#guarded(() => {
      const row = this.#statement("SELECT * FROM job").get();
      if (row === undefined) return undefined;
      return {
        job: String(row.job),
        graph: JSON.parse(String(row.graph)),
        firstRun: String(row.first_run),
        run: String(row.run),
        status: statusOf(row.status),
        checkpoint: Number(row.checkpoint),
        settled: row.settled === 1,
        savedMs: Number(row.saved_ms),
        ledger: row.ledger === null ? undefined : JSON.parse(String(row.ledger)),
        doubtful: typeof row.doubtful === "string" ? recordIn(row.doubtful).checkpoint : undefined,
      };
    });
  }

  /** Forgets what was before, but for the job's name, and for what was replayed of quarantines that are still there. */
  startOver(graph: JobGraph, run: string, job: string): JobSummary {
    this.#proposed = undefined;
    this.#write(() => {
      for (const table of ["job", "sinks", "exported"]) this.#database.exec(`DELETE FROM ${table}`);
      this.#run("DELETE FROM positions WHERE source NOT LIKE ?", replayLane("%"));
      this.#run(
        "INSERT INTO job VALUES (1, ?, ?, ?, ?, 'running', 0, 1, ?, NULL, NULL)",
        job,
        JSON.stringify(graph),
        run,
        run,
        Date.now(),
      );
    });
    return {
      job,
      graph,
      firstRun: run,
      run,
      status: "running",
      checkpoint: 0,
      settled: true,
      savedMs: Date.now(),
      ledger: undefined,
      doubtful: undefined,
    };
  }

  /** The job goes on, by this run and with this graph. */
  goOn(graph: JobGraph, run: string, status: JobStatus): void {
    this.#write(() =>
      this.#run("UPDATE job SET graph = ?, run = ?, status = ?", JSON.stringify(graph), run, status),
    );
  }

  /** All of it is durable when this returns, or nothing. */
  record(record: CheckpointRecord): void {
    this.#write(() => this.#apply(record));
  }

  /**
   * Keeps the checkpoint beside the one before: from here on it is in doubt, until its decider has decided. It is applied with the
   * next one, or at the end: one transaction a checkpoint, as without a decider.
   */
  propose(record: CheckpointRecord): void {
    this.#write(() => {
      this.#applyHeld();
      this.#run("UPDATE job SET doubtful = ?", textOf(record));
    });
    this.#proposed = { record, held: false };
  }

  /** What was proposed holds. */
  decided(): void {
    if (this.#proposed !== undefined) this.#proposed.held = true;
  }

  /** Applies or forgets what an earlier run proposed, as it was decided. */
  settle(held: boolean): void {
    this.#write(() => {
      const text = this.#statement("SELECT doubtful FROM job").get()?.doubtful;
      if (held && typeof text === "string") this.#apply(recordIn(text));
      this.#run("UPDATE job SET doubtful = NULL");
    });
  }

  #applyHeld(): void {
    if (this.#proposed?.held === true) this.#apply(this.#proposed.record);
  }

  #apply({ checkpoint, positions, sinks, ledger, exported }: CheckpointRecord): void {
    for (const [source, partitions] of positions) {
      for (const [partition, position] of partitions) {
        this.#run(
          "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
          source,
          partition,
          JSON.stringify(position),
        );
      }
    }
    for (const [name, state] of sinks) {
      this.#run("INSERT OR REPLACE INTO sinks VALUES (?, ?)", name, JSON.stringify(state));
    }
    for (const [step, links] of exported) {
      for (const link of links) this.#run("INSERT OR IGNORE INTO exported VALUES (?, ?)", step, link);
    }
    this.#run(
      "UPDATE job SET checkpoint = ?, settled = 0, saved_ms = ?, ledger = ?, doubtful = NULL",
      checkpoint,
      Date.now(),
      JSON.stringify(ledger),
    );
  }

  /** How the run ended. `ledger`: with what the commits of the last checkpoint made visible; absent where they did not come about. */
  end(status: JobStatus, ledger?: SavedLedger): void {
    this.#write(() => {
      this.#applyHeld();
      this.#run("UPDATE job SET status = ?", status);
      if (ledger !== undefined) this.#run("UPDATE job SET ledger = ?, settled = 1", JSON.stringify(ledger));
    });
  }

  /** All positions, by source and partition. */
  positions(): readonly {
    readonly source: string;
    readonly partition: string;
    readonly position: Position;
  }[] {
    return this.#guarded(() => {
      const rows = this.#statement("SELECT * FROM positions ORDER BY source, partition").all();
      return rows.map((row) => ({
        source: String(row.source),
        partition: String(row.partition),
        position: JSON.parse(String(row.position)),
      }));
    });
  }

  positionsOf(source: string): ReadonlyMap<string, Position> {
    return this.#guarded(() => {
      const rows = this.#statement("SELECT partition, position FROM positions WHERE source = ?").all(source);
      return new Map(rows.map((row) => [String(row.partition), JSON.parse(String(row.position))]));
    });
  }

  sinkState(name: string): Json | undefined {
    return this.#guarded(() => {
      const row = this.#statement("SELECT state FROM sinks WHERE name = ?").get(name);
      return row === undefined ? undefined : JSON.parse(String(row.state));
    });
  }

  isExported(step: string, keyLink: string): boolean {
    if (this.#proposed?.record.exported.get(step)?.has(keyLink) === true) return true;
    return this.#guarded(
      () =>
        this.#statement("SELECT 1 FROM exported WHERE step = ? AND key_link = ?").get(step, keyLink) !==
        undefined,
    );
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #write(work: () => void): void {
    this.#guarded(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#database.exec("COMMIT");
      } catch (error) {
        // After a full disk SQLite may have rolled back by itself.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw stateFailure(this.folder, cause);
    }
  }
}

/** A record as text: maps and sets become lists. */
function textOf({ checkpoint, positions, sinks, ledger, exported }: CheckpointRecord): string {
  return JSON.stringify({
    checkpoint,
    positions: [...positions].map(([source, partitions]) => [source, [...partitions]]),
    sinks: [...sinks],
    ledger,
    exported: [...exported].map(([step, links]) => [step, [...links]]),
  });
}

/** What `textOf` wrote. */
function recordIn(text: string): CheckpointRecord {
  const { checkpoint, positions, sinks, ledger, exported } = JSON.parse(text);
  return {
    checkpoint,
    positions: new Map(
      positions.map(([source, partitions]: [string, [string, Position][]]) => [source, new Map(partitions)]),
    ),
    sinks: new Map(sinks),
    ledger,
    exported: new Map(exported.map(([step, links]: [string, string[]]) => [step, new Set(links)])),
  };
}

/** 0: there are no tables yet. */
function versionOf(database: DatabaseSync, folder: string): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version <= VERSION) return version;
  throw new StrmFailure(
    "run.state-folder",
    `The state in ${folder} was written by a newer strm.`,
    "Run the newer version, or name another folder with `--state DIR`.",
  );
}

function statusOf(value: unknown): JobStatus {
  if (value === "stopped" || value === "failed" || value === "completed") return value;
  return "running";
}
