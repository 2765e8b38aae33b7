// A terminal that shows lines and tells keys: the only file that knows Ink. Loaded when somebody watches, and not before.
import { Box, type Key as InkKey, render, Text, useInput } from "ink";
import { createElement, memo } from "react";
import type { Key, KeyName } from "./state/screen.ts";

/** How often something is drawn is up to who calls `show`; Ink puts off what comes sooner than this. */
const mostPicturesASecond = 100;
const homeAndErase = "\u001b[H\u001b[J";

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

export interface Picture {
  /** Lines with their colours, as many as the terminal has rows; only those that changed are written. */
  show(lines: readonly string[]): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** Takes the terminal over: another screen, keys unechoed. `pressed` is called for each key. */
export function openPicture({ input, output }: Terminal, pressed: (key: Key) => void): Picture {
  /** How often the terminal has had another size: what was drawn before can't be relied on. */
  let sizes = 0;
  let drawnAt = 0;
  const page = (lines: readonly string[]) => createElement(Page, { lines, pressed, sizes });
  const shown = render(page([]), {
    stdin: input,
    stdout: deafToResizes(output),
    alternateScreen: true,
    interactive: true,
    incrementalRendering: true,
    maxFps: mostPicturesASecond,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const resized = (): void => {
    sizes++;
  };
  output.on("resize", resized);
  return {
    show: (lines) => {
      if (drawnAt !== sizes) {
        drawnAt = sizes;
        shown.clear();
        output.write(homeAndErase);
      }
      shown.rerender(page(lines));
    },
    close: () => {
      output.off("resize", resized);
      shown.unmount();
      // Ink does so a moment later, which is too late for a process that ends at once.
      input.setRawMode(false);
    },
  };
}

/**
 * A terminal that never tells Ink of another size. It would draw at once, many times a second while somebody drags the window, and only what it believes
 * has changed, although the terminal may have cut lines off in between.
 */
function deafToResizes(output: NodeJS.WriteStream): NodeJS.WriteStream {
  const stream: NodeJS.WriteStream = Object.create(output, {
    on: { value: (event: string, listener: () => void) => without("on", event, listener) },
    off: { value: (event: string, listener: () => void) => without("off", event, listener) },
    write: { value: output.write.bind(output) },
  });
  const without = (what: "on" | "off", event: string, listener: () => void): NodeJS.WriteStream => {
    if (event !== "resize") output[what](event, listener);
    return stream;
  };
  return stream;
}

interface PageProps {
  readonly lines: readonly string[];
  readonly pressed: (key: Key) => void;
  readonly sizes: number;
}

function Page({ lines, pressed, sizes }: PageProps) {
  useInput((text, key) => {
    for (const one of keysOf(text, key)) pressed(one);
  });
  // A row keeps its place, so its number is its name; on a terminal of another size all rows are new.
  const rows = lines.map((line, row) => createElement(Row, { key: `${sizes} ${row}`, line }));
  return createElement(Box, { flexDirection: "column" }, ...rows);
}

const Row = memo(({ line }: { readonly line: string }) =>
  createElement(Text, { wrap: "truncate-end" }, line === "" ? " " : line),
);

/** Several where they came at once; pasted text counts as typed. */
function keysOf(text: string, key: InkKey): readonly Key[] {
  if (key.ctrl) return text === "c" ? [{ name: "ctrl-c" }] : text === "z" ? [{ name: "ctrl-z" }] : [];
  const name = nameOf(key);
  if (name !== undefined) return [{ name }];
  if (key.meta) return [];
  return Array.from(text.replace(/\p{Cc}/gu, ""), (sign) => ({ text: sign }));
}

function nameOf(key: InkKey): KeyName | undefined {
  if (key.upArrow) return "up";
  if (key.downArrow) return "down";
  if (key.leftArrow) return "left";
  if (key.rightArrow) return "right";
  if (key.pageUp) return "page-up";
  if (key.pageDown) return "page-down";
  if (key.tab) return key.shift ? "back-tab" : "tab";
  if (key.return) return "enter";
  if (key.escape) return "escape";
  if (key.backspace || key.delete) return "backspace";
  return undefined;
}
