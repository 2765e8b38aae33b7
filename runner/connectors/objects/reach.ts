// What an error of a connection means, whichever SDK it comes through.
import type { StrmFailure } from "../../failure.ts";
import { tlsFailure, unreachable } from "./failures.ts";

const reasons: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "it refuses connections"],
  ["ENOTFOUND", "its name can't be resolved"],
  ["EAI_AGAIN", "its name can't be resolved now"],
  ["ECONNRESET", "it broke the connection off"],
  ["ECONNABORTED", "it broke the connection off"],
  ["EPIPE", "it broke the connection off"],
  ["ERR_STREAM_PREMATURE_CLOSE", "it broke the connection off"],
  ["UND_ERR_SOCKET", "it broke the connection off"],
  ["HPE_INVALID_CONSTANT", "it does not speak HTTP there"],
  ["ETIMEDOUT", "it is silent"],
  ["ESOCKETTIMEDOUT", "it is silent"],
  ["EHOSTUNREACH", "there is no way to it"],
  ["ENETUNREACH", "there is no way to it"],
  ["EADDRNOTAVAIL", "there is no way to it"],
]);

const tlsCodes =
  /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_|HOSTNAME_|EPROTO)/;
const CAUSES = 6;

/** Undefined for an error that has another reason. */
export function reachFailure(error: unknown, store: string): StrmFailure | undefined {
  for (const one of causesOf(error)) {
    const code = "code" in one && typeof one.code === "string" ? one.code : "";
    const reason = reasons.get(code);
    // An error of the SDK for S3 that is called a timeout may have another code, which says more.
    if (reason !== undefined) return unreachable(store, reason);
    if (one.name === "TimeoutError") return unreachable(store, "it is silent");
    if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO") {
      return tlsFailure(store, "it does not speak TLS there");
    }
    if (tlsCodes.test(code)) return tlsFailure(store, `the check says ${code}`);
    if (one.message === "aborted") return unreachable(store, "it broke the connection off");
  }
  return undefined;
}

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let one = error; one instanceof Error && causes.length < CAUSES; one = one.cause) causes.push(one);
  return causes;
}
