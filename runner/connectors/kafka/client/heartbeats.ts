// Keeps a membership alive, and tells when it ends.
import { heartbeat } from "./apis/group.ts";
import { brokerError } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Lane } from "./connections.ts";
import type { GroupMember } from "./transaction-offsets.ts";

/** `rebalance`: the group shares its topics anew, and waits for this member. `lost`: it does not wait any more. */
export type Interruption = "rebalance" | "lost";

/** The default of Java's client. */
const LONGEST_MS = 3000;
/** Less where a session or a rebalance is short, so that two may get lost, and a rebalance is noticed in time. */
const BEATS = 3;

export interface HeartbeatOptions {
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export class Heartbeats {
  readonly #cluster: Cluster;
  readonly #lane: Lane;
  readonly #group: string;
  readonly #member: GroupMember;
  readonly #sessionTimeoutMs: number;
  readonly #interrupt: (why: Interruption) => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #answeredMs = performance.now();
  #stopped = false;

  /** `interrupt` may be called twice: first because of a rebalance, then because it went on without this member. */
  constructor(
    cluster: Cluster,
    lane: Lane,
    { group, sessionTimeoutMs, rebalanceTimeoutMs }: HeartbeatOptions,
    member: GroupMember,
    interrupt: (why: Interruption) => void,
  ) {
    this.#cluster = cluster;
    this.#lane = lane;
    this.#group = group;
    this.#member = member;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#interrupt = interrupt;
    this.#everyMs = Math.min(LONGEST_MS, Math.min(sessionTimeoutMs, rebalanceTimeoutMs) / BEATS);
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#beat(), this.#everyMs).unref();
  }

  async #beat(): Promise<void> {
    const error = await this.#send();
    if (this.#stopped) return;
    switch (error) {
      case brokerError.none:
        break;
      case brokerError.rebalanceInProgress:
        this.#interrupt("rebalance");
        break;
      case brokerError.illegalGeneration:
      case brokerError.unknownMemberId:
      case brokerError.fencedInstanceId:
        this.#end();
        return;
      default:
        // Silence, or a coordinator that can't answer yet: the group waits for the session timeout, and so does this.
        if (performance.now() - this.#answeredMs > this.#sessionTimeoutMs) {
          this.#end();
          return;
        }
    }
    this.#plan();
  }

  #end(): void {
    this.stop();
    this.#interrupt("lost");
  }

  /** The error in the answer; undefined where there is none. */
  async #send(): Promise<number | undefined> {
    const request = { group: this.#group, ...this.#member };
    try {
      const error = await this.#cluster.coordinate(
        "group",
        this.#group,
        this.#lane,
        heartbeat,
        request,
        this.#sessionTimeoutMs,
      );
      this.#cluster.noteCoordinator("group", this.#group, error);
      if (error === brokerError.none || error === brokerError.rebalanceInProgress) {
        this.#answeredMs = performance.now();
      }
      return error;
    } catch {
      return undefined;
    }
  }
}
