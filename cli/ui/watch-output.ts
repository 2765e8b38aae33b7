// A run on a whole terminal, for somebody who watches: another screen while it goes on, and the summary on the normal one at its end.
import type { RunEvent, TapSample, TapWish } from "../../runner/index.ts";
import { beginningLines } from "../output/notices.ts";
import { ending } from "./ending.ts";
import type { Terminal } from "./picture.ts";
import { Stage } from "./stage.ts";
import type { Facts } from "./state/facts.ts";
import { openScreen, tapWish, type Wish, withSample, withView } from "./state/screen.ts";
import { nothingWatched, watch } from "./state/watch.ts";

const drawAfterSampleMs = 250;

export interface WatchOptions extends Terminal {
  readonly file: string;
  readonly facts: Facts;
  readonly ascii: boolean;
  /** Somebody wants something of the run. */
  readonly wish: (wish: Wish) => void;
  /** Somebody wants to see events of a stream, or no more. */
  readonly look: (wish: TapWish | undefined) => void;
}

export class WatchOutput {
  readonly #file: string;
  readonly #stage: Stage;

  constructor({ file, facts, wish, look, ...options }: WatchOptions) {
    this.#file = file;
    this.#stage = new Stage({
      ...options,
      screen: openScreen(nothingWatched, facts),
      pressed: (pressed) => {
        look(tapWish(pressed.screen));
        if (pressed.wish !== undefined) wish(pressed.wish);
      },
    });
  }

  report(event: RunEvent): void {
    const { screen, style } = this.#stage;
    const view = watch(screen.view, event);
    this.#stage.change(withView(screen, view));
    if (event.type === "started") {
      this.#stage.write(beginningLines(event, style));
      this.#stage.openSoon();
    } else if (event.type === "finished") {
      this.#stage.close();
      this.#stage.write(ending(view, event, this.#file, style));
    }
  }

  /** What `look` asked for. */
  show(sample: TapSample): void {
    this.#stage.change(withSample(this.#stage.screen, sample), drawAfterSampleMs);
  }

  /** Leaves the terminal as it was; to be called however the run ends. */
  readonly close = (): void => this.#stage.close();
}
