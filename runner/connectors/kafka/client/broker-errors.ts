// What Kafka's error codes mean for a run: which pass by themselves, and which failure the others are.

import { StrmFailure, TransientFailure } from "../../../failure.ts";
import type { FailureCode } from "../../../failure-codes.ts";

interface Meaning {
  readonly name: string;
  readonly code: FailureCode;
  /** It may pass by itself: what was tried is tried again. */
  readonly passes?: true;
}

const passing = (name: string, code: FailureCode = "kafka.not-ready"): Meaning => ({
  name,
  code,
  passes: true,
});
const stopping = (name: string, code: FailureCode): Meaning => ({ name, code });

/** The codes that decide what is done next, by the names of https://kafka.apache.org/protocol#protocol_error_codes. */
export const brokerError = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  notController: 41,
  duplicateSequenceNumber: 46,
  memberIdRequired: 79,
  fencedInstanceId: 82,
} as const;

const meanings: ReadonlyMap<number, Meaning> = new Map([
  [brokerError.unknownServerError, passing("UNKNOWN_SERVER_ERROR")],
  [brokerError.offsetOutOfRange, stopping("OFFSET_OUT_OF_RANGE", "kafka.log-cut")],
  [2, passing("CORRUPT_MESSAGE")],
  [brokerError.unknownTopicOrPartition, stopping("UNKNOWN_TOPIC_OR_PARTITION", "kafka.no-topic")],
  [brokerError.leaderNotAvailable, passing("LEADER_NOT_AVAILABLE")],
  [6, passing("NOT_LEADER_OR_FOLLOWER")],
  [7, passing("REQUEST_TIMED_OUT")],
  [8, passing("BROKER_NOT_AVAILABLE")],
  [9, passing("REPLICA_NOT_AVAILABLE")],
  [10, stopping("MESSAGE_TOO_LARGE", "kafka.message-too-large")],
  [12, stopping("OFFSET_METADATA_TOO_LARGE", "kafka.refused")],
  [13, passing("NETWORK_EXCEPTION")],
  [14, passing("COORDINATOR_LOAD_IN_PROGRESS")],
  [brokerError.coordinatorNotAvailable, passing("COORDINATOR_NOT_AVAILABLE")],
  [brokerError.notCoordinator, passing("NOT_COORDINATOR")],
  [17, stopping("INVALID_TOPIC_EXCEPTION", "kafka.refused")],
  [18, stopping("RECORD_LIST_TOO_LARGE", "kafka.message-too-large")],
  [19, passing("NOT_ENOUGH_REPLICAS")],
  [20, passing("NOT_ENOUGH_REPLICAS_AFTER_APPEND")],
  [brokerError.illegalGeneration, passing("ILLEGAL_GENERATION", "kafka.stale-member")],
  [23, stopping("INCONSISTENT_GROUP_PROTOCOL", "kafka.group-taken")],
  [24, stopping("INVALID_GROUP_ID", "kafka.refused")],
  [brokerError.unknownMemberId, passing("UNKNOWN_MEMBER_ID", "kafka.stale-member")],
  [26, stopping("INVALID_SESSION_TIMEOUT", "kafka.refused")],
  [brokerError.rebalanceInProgress, passing("REBALANCE_IN_PROGRESS", "kafka.stale-member")],
  [29, stopping("TOPIC_AUTHORIZATION_FAILED", "kafka.denied")],
  [30, stopping("GROUP_AUTHORIZATION_FAILED", "kafka.denied")],
  [31, stopping("CLUSTER_AUTHORIZATION_FAILED", "kafka.denied")],
  [33, stopping("UNSUPPORTED_SASL_MECHANISM", "kafka.auth")],
  [34, stopping("ILLEGAL_SASL_STATE", "kafka.auth")],
  [brokerError.unsupportedVersion, stopping("UNSUPPORTED_VERSION", "kafka.too-old")],
  [brokerError.notController, passing("NOT_CONTROLLER")],
  [45, passing("OUT_OF_ORDER_SEQUENCE_NUMBER", "kafka.transaction-failed")],
  [47, passing("INVALID_PRODUCER_EPOCH", "kafka.fenced")],
  [48, passing("INVALID_TXN_STATE", "kafka.transaction-failed")],
  [49, passing("INVALID_PRODUCER_ID_MAPPING", "kafka.transaction-failed")],
  [51, passing("CONCURRENT_TRANSACTIONS")],
  [52, passing("TRANSACTION_COORDINATOR_FENCED", "kafka.transaction-failed")],
  [53, stopping("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "kafka.denied")],
  [56, passing("KAFKA_STORAGE_ERROR")],
  [58, stopping("SASL_AUTHENTICATION_FAILED", "kafka.auth")],
  [59, passing("UNKNOWN_PRODUCER_ID", "kafka.transaction-failed")],
  [74, passing("FENCED_LEADER_EPOCH")],
  [75, passing("UNKNOWN_LEADER_EPOCH")],
  [78, passing("OFFSET_NOT_AVAILABLE")],
  [brokerError.fencedInstanceId, stopping("FENCED_INSTANCE_ID", "kafka.instance-taken")],
  [88, passing("UNSTABLE_OFFSET_COMMIT")],
  [89, passing("THROTTLING_QUOTA_EXCEEDED")],
  [90, passing("PRODUCER_FENCED", "kafka.fenced")],
  [105, passing("TRANSACTIONAL_ID_NOT_FOUND", "kafka.transaction-failed")],
  [120, passing("TRANSACTION_ABORTABLE", "kafka.transaction-failed")],
]);

/** Those of settings; the broker's own words say more, where it has some. */
const refusals: ReadonlyMap<number, string> = new Map([
  [32, "INVALID_TIMESTAMP"],
  [37, "INVALID_PARTITIONS"],
  [38, "INVALID_REPLICATION_FACTOR"],
  [40, "INVALID_CONFIG"],
  [42, "INVALID_REQUEST"],
  [44, "POLICY_VIOLATION"],
  [50, "INVALID_TRANSACTION_TIMEOUT"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE"],
  [81, "GROUP_MAX_SIZE_REACHED"],
  [87, "INVALID_RECORD"],
]);

const helps: Partial<Record<FailureCode, string>> = {
  "kafka.no-topic": "Correct the name, make the topic, or say `create` in the sink.",
  "kafka.denied": "Grant the user this right: `strm explain kafka.denied` lists what is needed.",
  "kafka.auth": "Check `sasl`: mechanism, user and password or token.",
  "kafka.log-cut":
    "Start over with `--from-start`, or set the group's offsets to where it is to go on. A longer retention prevents it.",
  "kafka.message-too-large":
    "Raise `max.message.bytes` of the topic, or lower `batch_size` of the sink to it.",
  "kafka.too-old": "Use Apache Kafka 2.8 or newer.",
  "kafka.group-taken": "Name a `group` that only replicas of this pipeline use.",
  "kafka.instance-taken": 'Give each replica an `instance` of its own, as with `instance = env("HOSTNAME")`.',
  "kafka.refused": "Change the setting, or the bounds that the brokers have for it.",
  "kafka.not-ready": "Look at the health of the cluster.",
};

const undoneHelp =
  "It goes on from the last checkpoint; nothing is lost. Look at the cluster where it happens often.";

/**
 * The failure of a request that a broker answered with an error. `doing` completes "Kafka answers … when strm asks to …": `read
 * topic "clicks"`. `words` are the broker's own; they are about settings and never hold a message.
 */
export function brokerFailure(error: number, doing: string, words?: string | null): StrmFailure {
  const meaning = meanings.get(error) ?? stopping(refusals.get(error) ?? `error ${error}`, "kafka.refused");
  const { name, code, passes } = meaning;
  const tail = words ? `: ${words.replace(/\.$/, "")}` : "";
  const message = `Kafka answers ${name} when asked to ${doing}${tail}.`;
  const help = helps[code] ?? undoneHelp;
  return passes ? new TransientFailure(code, message, help) : new StrmFailure(code, message, help);
}

/** Throws what `brokerFailure` makes, unless the answer holds no error. */
export function expectNone(error: number, doing: string, words?: string | null): void {
  if (error !== brokerError.none) throw brokerFailure(error, doing, words);
}
