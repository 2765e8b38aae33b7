// Whatever is measured, seen alike: something that runs once in a round and says what that took.
export interface Contender {
  readonly name: string;
  readonly events: number;
  /** What it reads. */
  readonly bytes: number;
  readonly measure: () => Promise<Figure>;
}

/** What one round took. */
export interface Figure {
  readonly wallMs: number;
  /** User and system time of all threads and child processes. */
  readonly cpuMs: number;
  /** The most that stood in memory; null where the system does not tell. */
  readonly peakBytes: number | null;
  /** From the start to the first byte of output; null where that is not what the case is about. */
  readonly firstOutMs: number | null;
}
