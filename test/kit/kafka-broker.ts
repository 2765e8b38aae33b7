// A real Kafka broker, from its published jars: started, killed, started again with its data, and gone in the end. One is a cluster; more may join it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JavaResult, runJava, SMALL_JVM } from "./java.ts";
import { jarsOf } from "./maven.ts";
import { freePorts } from "./ports.ts";
import { readyWhen, type Supervised, startSupervised } from "./supervised.ts";

const VERSION = "4.4.0";
const LOGGING = "org.slf4j:slf4j-simple:1.7.36";
const serverJars = (): Promise<string> =>
  jarsOf(`kafka-${VERSION}`, [`org.apache.kafka:kafka_2.13:${VERSION}`, LOGGING]);
/** The tools have a version of their own, and don't go with another one's classes. */
const toolJars = (): Promise<string> =>
  jarsOf("kafka-tools-4.3.1", ["org.apache.kafka:kafka-tools:4.3.1", LOGGING]);
const READY_MS = 90_000;

export interface KafkaOptions {
  /** Of listeners beside the plain one: `name` is a security protocol's, such as `SASL_SSL`; properties go to the broker as they are. */
  readonly listeners?: readonly { readonly name: string; readonly protocol: string }[];
  /** Server properties beside our own, or instead of them. `PORT(NAME)` becomes the listener's port. */
  readonly properties?: Readonly<Record<string, string>>;
  /** For `kafka-storage format --add-scram`, such as `SCRAM-SHA-256=[name=u,password=p]`. */
  readonly scram?: readonly string[];
  /** Clients are told to come here instead: a proxy's `host:port`. */
  readonly advertised?: (port: number) => string | Promise<string>;
  /** Files beside the server's properties, by name; `DIR` in properties stands for their folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Arguments of the virtual machine. */
  readonly jvm?: readonly string[];
  /** Joins this one's cluster, which keeps the only controller. */
  readonly beside?: KafkaBroker;
}

/** What the nodes of a cluster have in common. */
interface Quorum {
  readonly id: string;
  /** Its port. */
  readonly controller: number;
  /** How many nodes have joined. */
  nodes: number;
}

export class KafkaBroker {
  /** `host:port` of the plain listener. */
  readonly brokers: string;
  /** Ports by listener. */
  readonly ports: ReadonlyMap<string, number>;
  readonly #folder: string;
  readonly #jars: string;
  readonly #jvm: readonly string[];
  readonly #quorum: Quorum;
  #server: Supervised | undefined;

  private constructor(
    folder: string,
    jars: string,
    jvm: readonly string[],
    ports: ReadonlyMap<string, number>,
    quorum: Quorum,
  ) {
    this.#folder = folder;
    this.#jars = jars;
    this.#jvm = jvm;
    this.ports = ports;
    this.#quorum = quorum;
    this.brokers = `127.0.0.1:${ports.get("PLAIN")}`;
  }

  static async start(options: KafkaOptions = {}): Promise<KafkaBroker> {
    const { listeners = [], properties = {}, scram = [], advertised, files = {}, jvm = [], beside } = options;
    const jars = await serverJars();
    const folder = mkdtempSync(join(tmpdir(), "strm-kafka-"));
    try {
      const all = [{ name: "PLAIN", protocol: "PLAINTEXT" }, ...listeners];
      const numbers = await freePorts(all.length + 1);
      const ports = new Map(all.map(({ name }, i) => [name, numbers[i] ?? 0]));
      const plain = ports.get("PLAIN") ?? 0;
      const told = (await advertised?.(plain)) ?? `127.0.0.1:${plain}`;
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const quorum =
        beside === undefined ? { id: newId(), controller: numbers.at(-1) ?? 0, nodes: 0 } : beside.#quorum;
      const node = ++quorum.nodes;
      const server = {
        ...basics(folder),
        ...nodeOf(node, quorum),
        ...listenersOf(all, ports, node === 1 ? quorum.controller : undefined, told),
        ...properties,
      };
      const text = Object.entries(server).map(([name, value]) => {
        const filled = value
          .replaceAll(/PORT\((\w+)\)/g, (_, listener: string) => String(ports.get(listener)))
          .replaceAll("DIR", folder);
        return `${name}=${filled}`;
      });
      writeFileSync(join(folder, "server.properties"), `${text.join("\n")}\n`);
      const broker = new KafkaBroker(folder, jars, jvm, ports, quorum);
      await broker.#format(scram);
      await broker.restart();
      return broker;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Starts it again, with its data and at its ports. */
  async restart(): Promise<void> {
    const log = join(this.#folder, `server-${Date.now()}.log`);
    writeFileSync(log, "");
    const logging = "-Dorg.slf4j.simpleLogger";
    this.#server = await startSupervised({
      command: "java",
      args: [
        "-Xmx512m",
        ...SMALL_JVM,
        ...this.#jvm,
        `${logging}.defaultLogLevel=warn`,
        `${logging}.log.kafka.server.KafkaRaftServer=info`,
        "-cp",
        `${this.#jars}/*`,
        "kafka.Kafka",
        join(this.#folder, "server.properties"),
      ],
      log,
      remove: [this.#folder],
    });
    await readyWhen(this.#server, "Kafka Server started", READY_MS);
  }

  /** Ends it in peace: what it led is led by others then. */
  async shutDown(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** As a power failure would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Lets it answer nothing until `thaw`. */
  freeze(): void {
    this.#server?.signal("SIGSTOP");
  }

  thaw(): void {
    this.#server?.signal("SIGCONT");
  }

  /** Ends it and removes all that it had. */
  async stop(): Promise<void> {
    await this.#end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs one of Kafka's own tools, such as `org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`. */
  async tool(main: string, ...args: readonly string[]): Promise<JavaResult> {
    return await runJava(await toolJars(), main, args);
  }

  async #format(scram: readonly string[]): Promise<void> {
    const properties = join(this.#folder, "server.properties");
    const users = scram.flatMap((user) => ["--add-scram", user]);
    const args = ["format", "-t", this.#quorum.id, "-c", properties, ...users];
    const { code, stderr, stdout } = await runJava(this.#jars, "kafka.tools.StorageTool", args);
    if (code !== 0) throw new Error(`Kafka's storage can't be formatted:\n${stdout}${stderr}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.signal(signal);
    await server?.ended;
  }
}

/** Everything small, and nothing that waits for other brokers. */
function basics(folder: string): Readonly<Record<string, string>> {
  return {
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "log.dirs": join(folder, "data"),
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "0",
    // Tests want members that are gone to be noticed soon.
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    "log.cleaner.dedupe.buffer.size": "4194304",
    // Else a broker that was killed waits for its own registration to expire.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
  };
}

/** The first node is controller, too. */
function nodeOf(node: number, { controller }: Quorum): Readonly<Record<string, string>> {
  return {
    "process.roles": node === 1 ? "broker,controller" : "broker",
    "node.id": String(node),
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
  };
}

/** As Kafka writes ids; none may look like an option. */
function newId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    .toString("base64url")
    .replace(/^-/, "a");
}

function listenersOf(
  listeners: readonly { readonly name: string; readonly protocol: string }[],
  ports: ReadonlyMap<string, number>,
  controller: number | undefined,
  told: string,
): Readonly<Record<string, string>> {
  const at = ({ name }: { readonly name: string }) => `${name}://127.0.0.1:${ports.get(name)}`;
  const advertised = listeners.map((listener) =>
    listener.name === "PLAIN" ? `PLAIN://${told}` : at(listener),
  );
  return {
    listeners: [
      ...listeners.map(at),
      ...(controller === undefined ? [] : [`CONTROLLER://127.0.0.1:${controller}`]),
    ].join(","),
    "advertised.listeners": advertised.join(","),
    "listener.security.protocol.map": [
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
      "CONTROLLER:PLAINTEXT",
    ].join(","),
  };
}
