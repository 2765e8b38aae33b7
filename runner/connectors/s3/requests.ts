// Sends requests to a bucket of S3: tries again what may pass, and says what failed in words of ours.
import type { S3Client } from "@aws-sdk/client-s3";
import { tryAgain } from "../objects/tries.ts";
import { isClockRefusal, refusalOf, s3Failure } from "./failures.ts";

/** Answers that are outcomes and not failures, by the store's names for them. */
export type Outcomes<T> = Readonly<Record<string, T>>;

export interface Request<T> {
  /** What it needs: `s3:PutObject`. */
  readonly right: string;
  readonly run: (client: S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<T>;
  readonly outcomes?: Outcomes<T>;
}

export class Requests {
  readonly store: string;
  readonly #client: S3Client;

  constructor(client: S3Client, store: string) {
    this.#client = client;
    this.store = store;
  }

  /** Throws a failure with the bucket, or the signal's reason. */
  send<T>(request: Request<T>, signal: AbortSignal): Promise<T> {
    return tryAgain(signal, () => this.once(request, signal));
  }

  /** As `send`, without another try. */
  async once<T>(request: Request<T>, signal: AbortSignal): Promise<T> {
    const { right, run, outcomes = {} } = request;
    const options = { abortSignal: signal };
    try {
      return await run(this.#client, options).catch((error) => {
        const refusal = refusalOf(error);
        if (refusal === undefined || !isClockRefusal(refusal) || !refusal.clockCorrected) throw error;
        return run(this.#client, options);
      });
    } catch (error) {
      const name = refusalOf(error)?.name ?? "";
      if (Object.hasOwn(outcomes, name)) {
        const outcome = outcomes[name];
        if (outcome !== undefined) return outcome;
      }
      throw s3Failure(error, this.store, right);
    }
  }

  close(): void {
    this.#client.destroy();
  }
}
