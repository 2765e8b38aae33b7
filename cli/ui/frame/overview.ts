// The page with the whole pipeline: its steps as a tree, what holds it back, and whether the ledger balances.
import { bytes, count, counted, duration, printable } from "../../output/units.ts";
import { quietMs, recentWaits } from "../state/history.ts";
import { inFlight, rowsIn, type Screen, seen, selectedRow } from "../state/screen.ts";
import type { WatchView } from "../state/watch.ts";
import type { Canvas } from "./canvas.ts";
import { type Line, plain, toned } from "./line.ts";
import { percent } from "./numbers.ts";
import { stepTable } from "./table.ts";

/** At most `room` lines; rows far from the selected one are left out. */
export function overview(screen: Screen, room: number, canvas: Canvas): readonly Line[] {
  const rows = rowsIn(screen);
  const view = seen(screen);
  const below = [[], waitsLine(view), ...behindLines(view), ledgerLine(view)];
  const height = Math.max(1, room - below.length - 1);
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === selectedRow(screen)?.name),
  );
  const all = stepTable(screen, rows, canvas);
  const [head = [], ...lines] = all;
  const fits = lines.length <= height;
  // The last line says what is not shown.
  const shown = fits ? height : Math.max(1, height - 1);
  const first = Math.min(Math.max(0, at - Math.floor(shown / 2)), Math.max(0, lines.length - shown));
  const rest = lines.length - shown;
  return [
    head,
    ...(rows.length === 0 ? [[toned("dim", "  no step is called so")]] : []),
    ...lines.slice(first, first + shown),
    ...(fits ? [] : [[toned("dim", `  ${count(rest)} more; arrows move, / filters`)]]),
    ...below,
  ];
}

/** `kernels` and `keys` are no steps, but may be what is slow. */
function waitsLine({ history, nowMs }: WatchView): Line {
  const quiet = quietMs(history, nowMs);
  const waits = recentWaits(history, nowMs).slice(0, 3);
  const words = waits.map(({ on, share }) => `${on} ${percent(share, 1)}`).join(", ");
  return [
    toned("dim", "waits   "),
    plain(
      quiet !== undefined
        ? `for events: none have come for ${duration(quiet)}`
        : words === ""
          ? "for nothing yet"
          : `for ${words} of the last 10 s`,
    ),
  ];
}

function behindLines({ behind }: WatchView): readonly Line[] {
  if (behind.length === 0) return [];
  const words = behind.map(
    ({ source, count: left, unit }) =>
      `${printable(source)}: ${unit === "bytes" ? bytes(left) : counted(left, "event")} unread`,
  );
  return [[toned("dim", "behind  "), plain(words.join(", "))]];
}

function ledgerLine(view: WatchView): Line {
  const { ledger } = view.run;
  const title = toned("dim", "ledger  ");
  if (ledger === undefined) return [title, plain("nothing counted yet")];
  if (!ledger.balanced)
    return [title, toned("bad", "out of balance: events are lost. Please report this as a bug of strm.")];
  const flight = inFlight(view);
  return [
    title,
    toned("good", "balances"),
    plain(`: in = out + withheld + rejected${flight > 0 ? ` + in flight (${count(flight)})` : ""}`),
  ];
}
