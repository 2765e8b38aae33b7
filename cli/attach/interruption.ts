// What ends a connection to a run, in words: by itself it may pass, and for whoever never had one it is the end.
import { CommandFailure } from "../exit.ts";
import type { CommandFailureCode } from "../failure-codes.ts";

/** A connection that failed or ended. Another one may do better. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** What it is for whoever has never seen the run. */
  readonly atFirst: CommandFailure;

  /** `why` completes "it", such as `answered 502`. */
  constructor(why: string, atFirst: CommandFailure) {
    super(why);
    this.atFirst = atFirst;
  }
}

export class Place {
  readonly #host: string;

  constructor({ host }: URL) {
    this.#host = host;
  }

  unreachable(
    why: string,
    help = "Check host and port, and that the run is on and was started with `--listen`.",
  ): Interruption {
    return new Interruption(why, this.#failure("top.unreachable", why, help));
  }

  notARun(why: string): Interruption {
    const help = "Give the URL that `strm run --listen` prints.";
    return new Interruption(why, this.#failure("top.not-a-run", why, help));
  }

  unauthorized(why: string, help: string): CommandFailure {
    return this.#failure("top.unauthorized", why, help);
  }

  notUnderstood(why: string): CommandFailure {
    return this.#failure("top.not-understood", why, "Use the version of strm that the run has.");
  }

  #failure(code: CommandFailureCode, why: string, help: string): CommandFailure {
    return new CommandFailure(`${this.#host} ${why}.`, help, code);
  }
}
