// A run of another process on a whole terminal: it may get lost and come back, and whoever leaves does not stop it.
import type { RunEvent } from "../../runner/index.ts";
import { printable } from "../output/units.ts";
import { ending } from "./ending.ts";
import type { Terminal } from "./picture.ts";
import { Stage } from "./stage.ts";
import { type Facts, noFacts } from "./state/facts.ts";
import { openScreen, withView } from "./state/screen.ts";
import { caughtUp, nothingWatched, watch } from "./state/watch.ts";

export interface AttachedOptions extends Terminal {
  /** Where the run is, as people may read it. */
  readonly place: string;
  readonly ascii: boolean;
  readonly leave: () => void;
}

export class AttachedOutput {
  readonly #place: string;
  readonly #stage: Stage;

  constructor({ place, leave, ...options }: AttachedOptions) {
    this.#place = place;
    this.#stage = new Stage({
      ...options,
      screen: { ...openScreen(nothingWatched, noFacts), attached: true },
      pressed: ({ wish }) => {
        if (wish === "leave") leave();
      },
    });
  }

  /** The run as it is at `timeMs` of its machine's clock: all that was told before is void. */
  begin(facts: Facts, timeMs: number, events: readonly RunEvent[]): void {
    const { screen } = this.#stage;
    if (!this.#stage.isOpen) this.#stage.write([`attached to ${this.#place}`]);
    this.#stage.setClock(timeMs - Date.now());
    const view = caughtUp(screen.view, events, timeMs);
    this.#stage.change({ ...screen, view, facts, lost: undefined, frozen: undefined }, 0);
    this.#stage.openSoon();
    this.#endWith(events.at(-1));
  }

  report(event: RunEvent): void {
    const { screen } = this.#stage;
    this.#stage.change(withView(screen, watch(screen.view, event)));
    this.#endWith(event);
  }

  /** The run can't be seen; `why` completes "it". */
  lost(why: string): void {
    const { screen } = this.#stage;
    const sinceMs = screen.lost?.sinceMs ?? screen.view.nowMs;
    this.#stage.change({ ...screen, lost: { sinceMs, why } }, 0);
  }

  /** Says that the run goes on without us. */
  leave(): void {
    this.#stage.close();
    const { pipeline } = this.#stage.screen.view.run;
    this.#stage.write([
      `left ${pipeline === "" ? "the run" : printable(pipeline)} at ${this.#place}, which was not stopped`,
    ]);
  }

  /** Leaves the terminal as it was; to be called however it ends. */
  readonly close = (): void => this.#stage.close();

  #endWith(event: RunEvent | undefined): void {
    if (event?.type !== "finished") return;
    const { view } = this.#stage.screen;
    this.#stage.close();
    this.#stage.write(ending(view, event, `${view.run.pipeline}.strm`, this.#stage.style));
  }
}
