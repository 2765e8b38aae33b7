// What the Kafka steps of a run share: one client a cluster and user, and the transaction that decides the run's checkpoints.
import { StrmFailure } from "../../failure.ts";
import { Fields } from "../../formats/fields.ts";
import type { SessionContext } from "../connector.ts";
import type { Cut, Decider, Positions, Session } from "../delivery.ts";
import { Cluster } from "./client/cluster.ts";
import type { Membership } from "./client/member.ts";
import { Producer, type ProducerOptions } from "./client/producer.ts";
import type { GroupOffsets } from "./client/transaction-offsets.ts";
import { type ConnectionOptions, clusterOf, kafkaOptions, optionsFailure } from "./connection.ts";
import { partitionIn } from "./items.ts";
import {
  groupOf,
  type MainCluster,
  mainClusterOf,
  marksIn,
  type SourceOptions,
  type Steps,
} from "./main-cluster.ts";
import { staleMember } from "./rewinding.ts";
import { Transaction } from "./transaction.ts";

/** What is written and not acknowledged yet, over all topics of a producer. */
const BUFFERED_BYTES = 16 * 1_048_576;

/** Throws `kafka.several-clusters`. */
export function openKafkaSession(steps: Steps, context: SessionContext): Promise<KafkaSession> {
  const sources = [...steps.sources];
  const [first] = sources;
  const other = sources.find(
    ([, options]) => first !== undefined && clusterOf(options) !== clusterOf(first[1]),
  );
  if (first !== undefined && other !== undefined) {
    throw new StrmFailure(
      "kafka.several-clusters",
      `The sources \`${first[0]}\` and \`${other[0]}\` read from two Kafka clusters, and no transaction spans both.`,
      "Make two pipelines of it, one for each cluster.",
    );
  }
  return Promise.resolve(new KafkaSession(steps, context));
}

export class KafkaSession implements Session {
  readonly checkpointEveryMs: number;
  readonly decider?: Decider;
  readonly #context: SessionContext;
  readonly #main: MainCluster | undefined;
  /** By brokers and user. Promises, since steps may ask for one side by side. */
  readonly #clusters = new Map<string, Promise<Cluster>>();
  readonly #producers: Producer[] = [];
  /** By source step, while it is a member of its group. */
  readonly #memberships = new Map<
    string,
    { readonly group: string; readonly membership: Membership | undefined }
  >();
  #transaction: Transaction | undefined;
  #mark: string | undefined;

  constructor(steps: Steps, context: SessionContext) {
    this.#context = context;
    const all = [...steps.sources.values(), ...steps.sinks.values()];
    this.checkpointEveryMs = Math.min(...all.map(({ commit_every }) => commit_every));
    const main = mainClusterOf(steps, context);
    this.#main = main;
    if (main === undefined) return;
    this.decider = {
      last: (begun) => this.#last(main, begun),
      decide: (cut, begun) => this.#decide(main, cut, begun),
    };
  }

  /** The client of a step's cluster; steps that connect as the same user share one. */
  cluster(options: ConnectionOptions, step: string): Promise<Cluster> {
    const key = `${clusterOf(options)} ${userOf(options)}`;
    const known = this.#clusters.get(key);
    if (known !== undefined) return known;
    const { pipeline, baseDir, job } = this.#context;
    const made = kafkaOptions(options, step, `strm-${pipeline}-${job}`, baseDir).then(
      (resolved) => new Cluster(resolved),
    );
    this.#clusters.set(key, made);
    return made;
  }

  /**
   * The run's transaction, where it spans the cluster that the options name. Throws `kafka.options` where they name another user: a transaction
   * has one, and what it writes would be written with rights that the sink does not have.
   */
  transactionIn(options: ConnectionOptions, step: string): Transaction | undefined {
    const main = this.#main;
    if (main === undefined || clusterOf(main.options) !== clusterOf(options)) return undefined;
    if (userOf(main.options) === userOf(options)) return this.#transaction;
    throw optionsFailure(
      step,
      `it connects otherwise than \`${main.step}\`, and one transaction holds what both do`,
      "Give both the same `tls` and `sasl`, with the rights of both. Or say `transactional = false` in the sink: then it writes as its own user, at least once.",
    );
  }

  /** A producer that is not part of the run's transaction; it is closed with the session. */
  async producer(cluster: Cluster, options: Omit<ProducerOptions, "maxBufferedBytes">): Promise<Producer> {
    const producer = new Producer(cluster, { ...options, maxBufferedBytes: BUFFERED_BYTES });
    this.#producers.push(producer);
    await producer.init();
    return producer;
  }

  /** The group of a source. */
  groupOf(options: SourceOptions, step: string): string {
    return groupOf(options, step, this.#context.pipeline);
  }

  /** From here on the source's offsets are committed as this membership's; undefined: it has none, and nothing of it can be. */
  holds(step: string, group: string, membership: Membership | undefined): void {
    this.#memberships.set(step, { group, membership });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#producers.map((producer) => producer.close()));
    await Promise.allSettled([...this.#clusters.values()].map(async (cluster) => (await cluster).close()));
  }

  /** What an earlier run left open is undone first: what is read after that is decided. */
  async #last({ step, options, id, marks, ...wish }: MainCluster, begun: string): Promise<number> {
    const cluster = await this.cluster(options, step);
    if (this.#transaction === undefined) {
      const { transactionTimeoutMs, topics } = wish;
      this.#transaction = new Transaction(
        await this.producer(cluster, { transactionalId: id, transactionTimeoutMs, topics, settings: plain }),
      );
    }
    const topics = await marksIn(cluster, marks);
    this.#mark = topics[0];
    const committed = await cluster.committed(
      id,
      topics.map((topic) => ({ topic, partition: 0 })),
    );
    const own = [...committed.values()].filter(({ metadata }) => metadata === begun);
    return Math.max(0, ...own.map(({ offset }) => offset));
  }

  async #decide({ id }: MainCluster, cut: Cut, begun: string): Promise<void> {
    if (this.#transaction === undefined)
      throw new Error("a checkpoint was to be decided before the run began");
    const mark = { topic: this.#mark ?? "", partition: 0, offset: cut.checkpoint, metadata: begun };
    const groups = [...cut.positions].flatMap(([step, positions]) => this.#offsetsOf(step, positions));
    const marked = this.#mark === undefined ? [] : [{ group: id, positions: [mark] }];
    await this.#transaction.end(cut, [...groups, ...marked]);
  }

  #offsetsOf(step: string, positions: Positions): readonly GroupOffsets[] {
    const held = this.#memberships.get(step);
    if (held === undefined || positions.size === 0) return [];
    const { group, membership } = held;
    if (membership === undefined) throw staleMember(step, group);
    const { generation, memberId, instanceId } = membership;
    const offsets = [...positions].map(([key, position]) => ({
      ...partitionIn(key),
      offset: new Fields(position).number("offset"),
    }));
    return [{ group, member: { generation, memberId, instanceId }, positions: offsets }];
  }
}

/** As whom a step connects. It may hold secrets. */
function userOf({ tls, sasl }: ConnectionOptions): string {
  return JSON.stringify([tls, sasl]);
}

/** Of topics that no sink of the transaction writes to: there are none. */
const plain = { compression: "none", lingerMs: 0, batchBytes: 1, maxMessageBytes: 1 } as const;
