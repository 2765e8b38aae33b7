// Reads topics as a member of a consumer group: partitions come and go, and none goes before what was read of it is committed.
import { setTimeout as sleep } from "node:timers/promises";
import { TransientFailure } from "../../failure.ts";
import { Fields } from "../../formats/fields.ts";
import type { SourceContext } from "../connector.ts";
import type { Backlog, Item, Positions, Reached, Source } from "../delivery.ts";
import { moveTo } from "../reading/move-to.ts";
import type { Cluster } from "./client/cluster.ts";
import { Fetcher } from "./client/fetcher.ts";
import { Member, type Membership } from "./client/member.ts";
import { type PartitionOffset, partitionKey, type TopicPartition } from "./client/partitions.ts";
import { type ItemOptions, itemsOf } from "./items.ts";
import type { SourceOptions } from "./main-cluster.ts";
import { noTopicToRead } from "./no-topic.ts";
import { asRewind, staleMember } from "./rewinding.ts";
import type { KafkaSession } from "./session.ts";
import { type Start, startOf } from "./start.ts";
import { TopicChoice } from "./topics.ts";

/** How soon it is looked again whether all that was read is committed. */
const DRAIN_STEP_MS = 20;

/** Throws `kafka.options`, `kafka.no-topic`, and what the client throws. */
export async function openKafkaSource(
  options: SourceOptions,
  context: SourceContext,
  session: KafkaSession,
): Promise<Source> {
  const start = startOf(options.start, context.step);
  const cluster = await session.cluster(options, context.step);
  await checkTopics(new TopicChoice(options.topic), context, cluster);
  return new KafkaSource(options, start, context, session, cluster, await decoderOf(options, context));
}

/** From values to datums of the contract's schema; undefined where values are events as they are. */
async function decoderOf(
  { registry }: SourceOptions,
  context: SourceContext,
): Promise<ItemOptions["decode"]> {
  const { schema, maxEventBytes, step, baseDir } = context;
  if (schema === undefined) return undefined;
  const { openAvroReading } = await import("../../formats/avro/reading.ts");
  return openAvroReading({ schema, maxEventBytes, registry, step, baseDir });
}

async function checkTopics(
  choice: TopicChoice,
  { step, warn }: SourceContext,
  cluster: Cluster,
): Promise<void> {
  for (const topic of choice.names) {
    if ((await cluster.partitionsOf(topic)) === undefined) throw noTopicToRead(step, topic);
  }
  if (choice.hasPatterns && choice.among((await cluster.topics()).keys()).length === 0) {
    warn(`Source \`${step}\` finds no topic that fits its pattern.`, "It waits for one to come.");
  }
}

class KafkaSource implements Source {
  readonly #start: Start;
  readonly #context: SourceContext;
  readonly #session: KafkaSession;
  readonly #cluster: Cluster;
  readonly #group: string;
  readonly #member: Member;
  readonly #fetcher: Fetcher;
  readonly #form: ItemOptions;
  /** Handed out under this membership and not committed yet: where each partition will go on. */
  readonly #open = new Map<string, number>();
  /** By partition of this membership: the last offset that was handed out, and the last one that is committed; -1: none. */
  readonly #reached = new Map<string, { offset: number; committed: number }>();
  /** Messages of the chunk that is being handed out that have not been yet. */
  #inHand = 0;
  /** The partitions of the first membership begin anew where the user wants that. */
  #fresh: boolean;

  constructor(
    options: SourceOptions,
    start: Start,
    context: SourceContext,
    session: KafkaSession,
    cluster: Cluster,
    decode: ItemOptions["decode"],
  ) {
    const { topic, instance, session_timeout, rebalance_timeout, metadata_max_age, fetch_wait, fetch_max } =
      options;
    this.#start = start;
    this.#fresh = context.fresh && context.resume.size === 0;
    this.#context = context;
    this.#session = session;
    this.#cluster = cluster;
    const { buffers, maxEventBytes } = context;
    this.#form = { buffers, maxEventBytes, ...(decode && { decode }) };
    this.#group = session.groupOf(options, context.step);
    this.#member = new Member(cluster, {
      group: this.#group,
      topics: new TopicChoice(topic),
      // A name of its own even where the user gives none: a process that is back after a crash need not wait for its own old place to expire.
      instanceId: instance ?? `strm-${context.job}-${context.step}`,
      leaves: instance === undefined,
      sessionTimeoutMs: session_timeout,
      rebalanceTimeoutMs: rebalance_timeout,
      metadataMaxAgeMs: metadata_max_age,
    });
    this.#fetcher = new Fetcher(cluster, { maxWaitMs: fetch_wait, maxBytes: fetch_max });
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const onStop = (): void => this.#fetcher.stop();
    stop.addEventListener("abort", onStop, { once: true });
    try {
      while (!stop.aborted) {
        const { membership, begun } = await this.#join();
        // Commits where a partition begins, so that whoever has it next does not choose another place.
        for (const { topic, partition, offset } of begun)
          yield this.#handed(moveTo(partitionKey(topic, partition), { offset }));
        yield* this.#share(membership, stop);
      }
    } catch (error) {
      // What is under way was read under a membership that ends here: it can't be committed by the next one.
      if (error instanceof TransientFailure && this.#open.size > 0) throw asRewind(error);
      throw error;
    } finally {
      stop.removeEventListener("abort", onStop);
      this.#fetcher.stop();
    }
  }

  committed(positions: Positions): Promise<void> {
    for (const [partition, position] of positions) {
      const open = this.#open.get(partition);
      const next = new Fields(position).number("offset");
      if (open !== undefined && next >= open) this.#open.delete(partition);
      const reached = this.#reached.get(partition);
      if (reached !== undefined) reached.committed = next - 1;
    }
    return Promise.resolve();
  }

  behind(): Backlog | undefined {
    const { lag } = this.#fetcher;
    return lag === undefined ? undefined : { count: lag + this.#inHand, unit: "events" };
  }

  reached(): readonly Reached[] {
    return [...this.#reached].flatMap(([partition, { offset, committed }]) =>
      offset < 0 ? [] : [{ partition, offset, committed: committed < 0 ? null : committed }],
    );
  }

  async close(): Promise<void> {
    this.#fetcher.stop();
    this.#session.holds(this.#context.step, this.#group, undefined);
    await this.#member.close();
  }

  /** A membership, told to the session, with the fetcher at its partitions; `begun` are those of which the group knew nothing. */
  async #join(): Promise<{ readonly membership: Membership; readonly begun: readonly PartitionOffset[] }> {
    const { step } = this.#context;
    const membership = await this.#member.join();
    this.#session.holds(step, this.#group, membership);
    const { known, begun } = await this.#positionsOf(membership.partitions);
    this.#fresh = false;
    this.#inHand = 0;
    this.#reached.clear();
    const begins = new Set<PartitionOffset>(begun);
    for (const one of [...known, ...begun].sort(inOrder)) {
      const last = one.offset - 1;
      this.#reached.set(partitionKey(one.topic, one.partition), {
        offset: last,
        committed: begins.has(one) ? -1 : last,
      });
    }
    this.#fetcher.start([...known, ...begun]);
    return { membership, begun };
  }

  /** The items of one membership, until it ends or the run is stopped. */
  async *#share({ interrupted }: Membership, stop: AbortSignal): AsyncGenerator<Item, void, void> {
    let ending: "rebalance" | "lost" | undefined;
    interrupted.then((how) => {
      ending = how;
      this.#fetcher.stop();
    });
    // The stop may have come while it joined, before there was anything to stop.
    while (!stop.aborted) {
      const fetched = await this.#fetcher.next();
      if (fetched === undefined || ending !== undefined) break;
      for await (const item of itemsOf(fetched, this.#form)) {
        const handed = this.#handed(item);
        this.#inHand = fetched.nextOffset - (this.#open.get(item.partition) ?? fetched.nextOffset);
        yield handed;
        // A chunk that is cut here is read again; but a value in pieces has to be whole.
        const inside = item.content.kind === "piece" && !item.content.piece.last;
        if (!inside && (ending !== undefined || stop.aborted)) break;
      }
    }
    if (stop.aborted) return;
    if (ending === "rebalance") await this.#drain(stop);
    this.#session.holds(this.#context.step, this.#group, undefined);
    if (this.#open.size > 0 && !stop.aborted) throw staleMember(this.#context.step, this.#group);
  }

  #handed(item: Item): Item {
    const next = new Fields(item.position).number("offset");
    this.#open.set(item.partition, next);
    const reached = this.#reached.get(item.partition);
    if (reached !== undefined) reached.offset = next - 1;
    return item;
  }

  /** Resolves when all that was handed out is delivered and committed; throws where the group does not take it any more. */
  async #drain(stop: AbortSignal): Promise<void> {
    while (this.#open.size > 0 && !stop.aborted) {
      await this.#context.checkpoint();
      if (this.#open.size > 0) await sleep(DRAIN_STEP_MS);
    }
  }

  /** What the group has committed counts; then what this job remembers; then where the source shall begin. */
  async #positionsOf(
    partitions: readonly TopicPartition[],
  ): Promise<{ readonly known: readonly PartitionOffset[]; readonly begun: readonly PartitionOffset[] }> {
    const { resume } = this.#context;
    const committed = this.#fresh ? new Map() : await this.#cluster.committed(this.#group, partitions);
    const known: PartitionOffset[] = [];
    const unknown: TopicPartition[] = [];
    let remembered = 0;
    for (const one of partitions) {
      const key = partitionKey(one.topic, one.partition);
      const own = resume.get(key);
      const offset = committed.get(key)?.offset ?? (own && new Fields(own).number("offset"));
      if (offset === undefined) unknown.push(one);
      else known.push({ ...one, offset });
      if (!committed.has(key) && own !== undefined) remembered++;
    }
    if (remembered > 0) this.#warnForgotten(remembered);
    const begins = await this.#cluster.offsets(unknown, this.#fresh ? "earliest" : this.#start);
    const begun = unknown.map((one) => ({
      ...one,
      offset: begins.get(partitionKey(one.topic, one.partition)) ?? 0,
    }));
    return { known, begun };
  }

  #warnForgotten(partitions: number): void {
    const { warn, step } = this.#context;
    warn(
      `The group \`${this.#group}\` has no offsets any more for ${partitions} partitions of \`${step}\`.`,
      "It goes on where this replica's last checkpoint stands. Brokers forget the offsets of groups that are idle for longer than `offsets.retention.minutes`.",
    );
  }
}

/** By topic, then by number. */
function inOrder(one: TopicPartition, other: TopicPartition): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}
