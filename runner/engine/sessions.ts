// The sessions of a run: what the steps of one connector share, opened before any of them, and who decides checkpoints.
import type { Lookup } from "../../dsl/spec/resolve.ts";
import type { Connector, SessionContext } from "../connectors/connector.ts";
import type { Decider, Session } from "../connectors/delivery.ts";
import type { ReadySteps } from "./open-steps.ts";
import { valueFailure } from "./values.ts";

export class Sessions {
  readonly #held: ReadonlyMap<Connector, Session>;

  private constructor(held: ReadonlyMap<Connector, Session>) {
    this.#held = held;
  }

  static async open(
    { sources, sinks }: ReadySteps,
    lookup: Lookup,
    context: SessionContext,
  ): Promise<Sessions> {
    const held = new Map<Connector, Session>();
    const sessions = new Sessions(held);
    try {
      for (const connector of new Set([...sources, ...sinks].map((step) => step.connector))) {
        const valuesOf = (steps: ReadySteps["sources"] | ReadySteps["sinks"]) =>
          steps
            .filter((one) => one.connector === connector)
            .map(({ step }) => ({ step: step.name, values: step.options }));
        const opened = connector.session?.(valuesOf(sources), valuesOf(sinks), lookup);
        if (opened === undefined) continue;
        if (!opened.ok) {
          throw valueFailure(opened.problems.map((problem) => ({ step: connector.spec.name, problem })));
        }
        held.set(connector, await opened.value(context));
      }
      return sessions;
    } catch (error) {
      await sessions.close();
      throw error;
    }
  }

  of(connector: Connector): Session | undefined {
    return this.#held.get(connector);
  }

  get decider(): Decider | undefined {
    const [decider, other] = [...this.#held.values()].flatMap((session) => session.decider ?? []);
    if (other !== undefined) throw new Error("two connectors would decide the checkpoints of one run");
    return decider;
  }

  /** The shortest that a session wants; undefined where none does. */
  get checkpointEveryMs(): number | undefined {
    const wanted = [...this.#held.values()].flatMap(({ checkpointEveryMs }) => checkpointEveryMs ?? []);
    return wanted.length === 0 ? undefined : Math.min(...wanted);
  }

  /** Never throws. */
  async close(): Promise<void> {
    await Promise.all([...this.#held.values()].map((session) => session.close()));
  }
}
