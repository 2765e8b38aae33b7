// The codes of failures with a Kafka cluster.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const kafkaFailureCodes = {
  "kafka.unreachable": {
    title: "The Kafka cluster does not answer",
    why: "No connection to a broker can be made, or one broke off, and the tries since then had no success. The network, the address, or the broker itself may be the reason. A broker that asks for SASL or TLS closes connections that come without.",
    fix: "Look whether the brokers run, and whether the addresses that they advertise (`advertised.listeners`) can be reached from here.",
    example: { wrong: 'brokers = "kafka"', right: 'brokers = "kafka:9092"' },
  },
  "kafka.not-ready": {
    title: "The Kafka cluster can't do it at the moment",
    why: "A broker answered that it can't do what was asked yet: a partition has no leader, replicas are missing, a coordinator is still loading. That passes by itself where the cluster is healthy.",
    fix: "Look at the health of the cluster: brokers that are down, partitions with too few in-sync replicas.",
  },
  "kafka.auth": {
    title: "The Kafka cluster does not take the credentials",
    why: "User and password, token or mechanism are not what the brokers know, or the listener does not ask for SASL.",
    fix: "Check `sasl`: its mechanism has to be enabled on this listener (`sasl.enabled.mechanisms`), and the user has to have credentials for this very mechanism.",
  },
  "kafka.tls": {
    title: "No TLS connection to a broker comes about",
    why: "The broker's certificate is not vouched for by `ca`, bears another name or has expired; the broker asks for a client's certificate; or one side speaks TLS and the other does not.",
    fix: "Put right what the message names. `server_name` is for certificates that bear another name than the address.",
  },
  "kafka.denied": {
    title: "The Kafka cluster does not allow it",
    why: "The user that strm connects as lacks a right (ACL) to the topic, the group or the transactional id.",
    fix: "Grant it. Sources need READ and DESCRIBE on the topic and READ on the group; sinks WRITE and DESCRIBE on the topic; transactions WRITE and DESCRIBE on the transactional id, which begins with the group's name; `create` needs CREATE.",
  },
  "kafka.no-topic": {
    title: "There is no such topic or partition",
    why: "The topic was never made, or has been deleted, or the user may not know that it is there. Topics are never made by accident, so that a mistyped name can't go unnoticed.",
    fix: "Correct the name, make the topic, or say `create` in the sink.",
  },
  "kafka.log-cut": {
    title: "What was to be read next is gone from the topic",
    why: "The topic's retention removed messages before they were read, or the topic was deleted and made anew. Going on further behind would lose events without a word.",
    fix: "Where that is accepted, start over with `--from-start`, or set the group's offsets to where to go on. A longer retention prevents it.",
  },
  "kafka.message-too-large": {
    title: "A message is larger than its topic takes",
    why: "Brokers refuse batches over the topic's `max.message.bytes`, and this message alone is larger.",
    fix: "Raise `max.message.bytes` of the topic and `max_message` of the sink, or refuse such events early by the source's `max_event`.",
  },
  "kafka.refused": {
    title: "The Kafka cluster refuses a request",
    why: "The brokers answered that a setting is out of the bounds of theirs, or not allowed by their policy. The message names what.",
    fix: "Change the setting that the message names, or the brokers' bounds.",
  },
  "kafka.too-old": {
    title: "The broker does not speak the protocol's version",
    why: "strm speaks one version of each request, which Apache Kafka 2.8 to 4.x know. This broker offers another range.",
    fix: "Use a broker of that range.",
  },
  "kafka.garbled": {
    title: "What came from a broker can't be read",
    why: "An answer or a batch of messages is not what the protocol says: its checksum is wrong, it ends too early, or unpacks to more than is allowed.",
    fix: "Look at the broker's log and disk. If other clients read the topic without complaint, please report it.",
  },
  "kafka.group-taken": {
    title: "Another kind of client uses the consumer group",
    why: "All members of a group must share partitions by the same rule, and those that are in the group do it by another one. strm never mixes with others in a group: they would not deliver before they give a partition up.",
    fix: "Name a `group` that only replicas of this pipeline use.",
  },
  "kafka.instance-taken": {
    title: "Another replica bears the same instance name",
    why: "`instance` is a name that one replica has for itself. A second one with the same name took this one's place in the group.",
    fix: 'Give each replica its own, as with `instance = env("HOSTNAME")`.',
  },
  "kafka.stale-member": {
    title: "The consumer group has moved on without this replica",
    why: "The group gave the partitions to another replica, since this one did not answer or did not finish in time. What it read since its last checkpoint is not committed, and is read again by whoever has the partitions now.",
    fix: "Where it happens often, raise `session_timeout` or `rebalance_timeout`.",
  },
  "kafka.fenced": {
    title: "The transaction was ended by the cluster or by another producer",
    why: "It was open for longer than `transaction_timeout`, or another run with the same transactional id has started. Nothing of it was committed.",
    fix: "The run goes on from its last checkpoint by itself. Where it happens often, raise `transaction_timeout`; see to it that no copy of the state folder is in use.",
  },
  "kafka.transaction-failed": {
    title: "A transaction could not be written",
    why: "A message of it could not be delivered in time, or the cluster lost track of the producer. Nothing of it was committed.",
    fix: "The run goes on from its last checkpoint by itself. Look at the health of the cluster where it happens often.",
  },
  "kafka.outcome-unknown": {
    title: "It is not known whether a transaction was committed",
    why: "The request to commit was sent, and the cluster did not answer for a long time. The next start asks how it was decided.",
    fix: "Look whether the brokers run, and start again.",
  },
  "kafka.options": {
    title: "Options of a Kafka step don't fit together",
    why: "Each option by itself is what it should be, but two of them contradict or miss each other, or a file that one names can't be read. The message says which.",
    fix: "Change what the message names.",
  },
  "kafka.several-clusters": {
    title: "Sources of one pipeline read from two Kafka clusters",
    why: "The offsets of all sources and the events of the sinks are committed in one transaction, and no transaction spans two clusters.",
    fix: "Make two pipelines of it, one for each cluster.",
  },
  "kafka.issuer": {
    title: "The issuer of tokens does not answer",
    why: "With `oauthbearer`, each connection needs a token, and the issuer at `token_url` could not be reached or answered with an error of its own.",
    fix: "Look whether the issuer runs and can be reached from here.",
  },
} as const satisfies Record<string, CodePage>;
