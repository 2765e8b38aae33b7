// A terminal that shows lines and tells keys: the only file that knows Ink. Loaded when somebody watches, and not before.
import { Box, type Key as InkKey, render, Text, useInput } from "ink";
import { createElement, memo } from "react";
import type { Key, KeyName } from "./state/screen.ts";

/** No eye follows more pictures a second. */
const mostPicturesASecond = 10;

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
  const paced = new PacedOutput(output);
  const page = (lines: readonly string[]) => createElement(Page, { lines, pressed });
  const shown = render(page([]), {
    stdin: input,
    stdout: paced.stream,
    alternateScreen: true,
    interactive: true,
    incrementalRendering: true,
    maxFps: mostPicturesASecond,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  return {
    show: (lines) => {
      paced.fit();
      shown.rerender(page(lines));
    },
    close: () => {
      shown.unmount();
      // Ink does so a moment later, which is too late for a process that ends at once.
      input.setRawMode(false);
    },
  };
}

/** Ink draws at once whenever the terminal's size changes, many times a second while somebody drags it. This one tells it when it is drawn anyway. */
class PacedOutput {
  readonly stream: NodeJS.WriteStream;
  readonly #output: NodeJS.WriteStream;
  readonly #resized = new Set<() => void>();
  #size: string;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
    this.#size = sizeOf(output);
    const on = (event: string, listener: () => void) => {
      if (event === "resize") this.#resized.add(listener);
      else output.on(event, listener);
      return this.stream;
    };
    const off = (event: string, listener: () => void) => {
      if (event === "resize") this.#resized.delete(listener);
      else output.off(event, listener);
      return this.stream;
    };
    const write = output.write.bind(output);
    const own = { on: { value: on }, off: { value: off }, write: { value: write } };
    this.stream = Object.create(output, own);
  }

  fit(): void {
    const size = sizeOf(this.#output);
    if (size === this.#size) return;
    this.#size = size;
    for (const resized of this.#resized) resized();
  }
}

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): string => `${columns} ${rows}`;

interface PageProps {
  readonly lines: readonly string[];
  readonly pressed: (key: Key) => void;
}

function Page({ lines, pressed }: PageProps) {
  useInput((text, key) => {
    for (const one of keysOf(text, key)) pressed(one);
  });
  // A row keeps its place, so its number is its name.
  const rows = lines.map((line, row) => createElement(Row, { key: row, line }));
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
