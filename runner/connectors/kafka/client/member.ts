// A membership in a consumer group: joining, staying by heartbeats, and noticing when the group or its topics change.
import type { StrmFailure } from "../../../failure.ts";
import { type GroupSubscription, type JoinAnswer, joinGroup, leaveGroup, syncGroup } from "./apis/group.ts";
import { assign } from "./assignor.ts";
import { brokerError } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Lane } from "./connections.ts";
import { readAssignment, readSubscription, writeAssignment, writeSubscription } from "./group-messages.ts";
import { Heartbeats, type Interruption } from "./heartbeats.ts";
import type { TopicPartition } from "./partitions.ts";
import { awaitChange, HICCUP_MS, pause, persist } from "./persist.ts";
import type { TopicSelection } from "./topic-selection.ts";
import { type Topics, TopicWatch, topicsNow } from "./topic-watch.ts";
import type { GroupMember } from "./transaction-offsets.ts";

export interface MemberOptions {
  readonly group: string;
  readonly topics: TopicSelection;
  /** Static membership (KIP-345): who is back within the session timeout finds its partitions again, and nothing moves. */
  readonly instanceId: string | undefined;
  /** A member with an instance id gives its place up when it is closed. Others always do. */
  readonly leaves?: boolean;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
}

/** One generation's share of the topics. */
export interface Membership extends GroupMember {
  readonly partitions: readonly TopicPartition[];
  /**
   * Resolves once, when this share ends, and never after `close`. `rebalance`: deliver and commit what was read, then join again; heartbeats
   * go on meanwhile, but the group waits no longer than the rebalance timeout. `lost`: nothing can be committed any more; join again.
   */
  readonly interrupted: Promise<Interruption>;
}

/** Named so that no other client can join by mistake: none knows it. */
const PROTOCOL = "strm-sticky";
/** Joins wait for all members; the broker's own bound comes first. */
const JOIN_MARGIN_MS = 5000;
/** Long enough for an answer, short enough for a shutdown. */
const CLOSE_MS = 2000;

export class Member {
  readonly #cluster: Cluster;
  readonly #options: MemberOptions;
  readonly #lane: Lane;
  #memberId = "";
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  #heartbeats: Heartbeats | undefined;
  #watch: TopicWatch | undefined;
  #closed = false;

  constructor(cluster: Cluster, options: MemberOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#lane = cluster.lane("group");
  }

  /**
   * Joins, or joins again. What was read under the membership before must be read no more: the group gives it to whoever is to have it.
   * Throws `kafka.no-topic`, `kafka.group-taken`, `kafka.instance-taken`, `kafka.denied`, `kafka.refused`, and what is transient after some
   * seconds; it may be called again then.
   */
  async join(): Promise<Membership> {
    this.#rest();
    const untilMs = performance.now() + HICCUP_MS + this.#options.rebalanceTimeoutMs;
    for (let attempts = 0; ; attempts++) {
      const topics = await persist(() => topicsNow(this.#cluster, this.#options.topics));
      const membership = await persist(() => this.#joinOnce(topics));
      if (membership !== undefined) return membership;
      if (performance.now() >= untilMs) {
        throw this.#cluster.coordinatorFailure(
          "group",
          this.#options.group,
          brokerError.rebalanceInProgress,
          `let strm join group "${this.#options.group}"`,
        );
      }
      await pause(attempts);
    }
  }

  /** Leaves the group, so that its partitions move at once; who does not leave keeps its place for the session timeout. Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rest();
    await awaitChange(this.#leave(), CLOSE_MS);
    this.#cluster.release(this.#lane);
  }

  async #leave(): Promise<void> {
    const { group, instanceId, leaves = instanceId === undefined } = this.#options;
    if (!leaves || this.#memberId === "") return;
    const request = { group, memberId: this.#memberId, instanceId };
    await this.#cluster.coordinate("group", group, this.#lane, leaveGroup, request).catch(() => undefined);
  }

  #rest(): void {
    this.#heartbeats?.stop();
    this.#watch?.stop();
  }

  /** Undefined where the group moved on before this member was in: then it is to try again. */
  async #joinOnce(topics: Topics): Promise<Membership | undefined> {
    const { group, instanceId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const subscription = writeSubscription({
      topics: topics.names,
      seen: topics.seen,
      owned: this.#owned,
      generation: this.#generation,
    });
    const answer = await this.#cluster.coordinate(
      "group",
      group,
      this.#lane,
      joinGroup,
      {
        group,
        memberId: this.#memberId,
        instanceId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocol: PROTOCOL,
        subscription,
      },
      rebalanceTimeoutMs + JOIN_MARGIN_MS,
    );
    switch (answer.error) {
      case brokerError.none:
        break;
      case brokerError.memberIdRequired:
        this.#memberId = answer.memberId;
        return undefined;
      case brokerError.unknownMemberId:
        this.#memberId = "";
        return undefined;
      case brokerError.rebalanceInProgress:
        return undefined;
      default:
        throw this.#failure(answer.error, "join");
    }
    this.#memberId = answer.memberId;
    return this.#sync(answer, topics);
  }

  async #sync(joined: JoinAnswer, topics: Topics): Promise<Membership | undefined> {
    const { group, instanceId, rebalanceTimeoutMs } = this.#options;
    const { generation, memberId } = joined;
    const leads = joined.leader === memberId && joined.members.length > 0;
    const assignments = leads ? await this.#assign(joined.members) : [];
    const answer = await this.#cluster.coordinate(
      "group",
      group,
      this.#lane,
      syncGroup,
      { group, generation, memberId, instanceId, protocol: PROTOCOL, assignments },
      rebalanceTimeoutMs + JOIN_MARGIN_MS,
    );
    switch (answer.error) {
      case brokerError.none:
        break;
      case brokerError.unknownMemberId:
        this.#memberId = "";
        return undefined;
      case brokerError.rebalanceInProgress:
      case brokerError.illegalGeneration:
        return undefined;
      default:
        throw this.#failure(answer.error, "share its topics");
    }
    const partitions = readAssignment(answer.assignment);
    this.#owned = partitions;
    this.#generation = generation;
    return this.#member({ generation, memberId, instanceId }, partitions, topics);
  }

  #member(member: GroupMember, partitions: readonly TopicPartition[], topics: Topics): Membership {
    const { promise, resolve } = Promise.withResolvers<Interruption>();
    const { metadataMaxAgeMs, topics: selection } = this.#options;
    if (!this.#closed) {
      this.#heartbeats = new Heartbeats(this.#cluster, this.#lane, this.#options, member, (why) => {
        if (why === "lost") this.#lost();
        resolve(why);
      });
      this.#watch = new TopicWatch(this.#cluster, selection, topics, metadataMaxAgeMs, () =>
        resolve("rebalance"),
      );
    }
    return { ...member, partitions, interrupted: promise };
  }

  /** What it had is somebody else's now. */
  #lost(): void {
    this.#owned = [];
    this.#generation = -1;
  }

  /** As the leader: shares all topics that any member reads, as they are now. */
  async #assign(members: readonly GroupSubscription[]) {
    const candidates = members.map(({ memberId, instanceId, subscription }) => ({
      memberId,
      name: instanceId ?? memberId,
      ...readSubscription(subscription),
    }));
    const topics = new Set(candidates.flatMap((candidate) => candidate.topics));
    const shares = assign(candidates, await this.#cluster.counts([...topics]));
    return [...shares].map(([memberId, partitions]) => ({
      memberId,
      assignment: writeAssignment(partitions),
    }));
  }

  #failure(error: number, doing: string): StrmFailure {
    const { group } = this.#options;
    return this.#cluster.coordinatorFailure("group", group, error, `let strm ${doing} in group "${group}"`);
  }
}
