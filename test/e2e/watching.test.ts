// The terminal UI as somebody uses it: in a real terminal, with keys, another size, and every way to end.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { root } from "../kit/cli.ts";
import type { Fault } from "../kit/faults.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { pythonMissing } from "../kit/python.ts";
import { needServer } from "../kit/servers.ts";
import { type ScreenShot, strmInTerminal, type TerminalOptions, type TerminalRun } from "../kit/terminal.ts";

const program = (rate: number, count: string) => `
purposes {
  functional      = 0 "what the service needs to work at all"
  statistics      = 1 "counting visitors"
}
contract demo as "strmprivacy/example/1.3.0" from "${join(root, "pipelines/schemas/demo-event.avsc")}" {
  consistentValue         @key @pii(functional)
  uniqueIdentifier        @pii(statistics)
  someSensitiveValue      @pii(statistics)
  strmMeta.consentLevels  @consent
  strmMeta.timestamp      @time
}
source events of demo from simulator { rate = ${rate}${count} }
encrypt events into safe
decrypt safe into counted for granular(statistics)
sink safe    into file { path = "safe.jsonl" }
sink counted into file { path = "counted.jsonl" }
`;

const size = { columns: 80, rows: 24 };
const down = "\u001b[B";
const pageDown = "\u001b[6~";
const escapeKey = "\u001b";
const ctrlC = "\u0003";
const ctrlZ = "\u001a";
const SIGCONT = 18;
const SIGTSTP = 20;

interface Wanted extends Partial<TerminalOptions> {
  readonly flags?: readonly string[];
  readonly count?: string;
}

async function watched({ flags = [], count = "", ...options }: Wanted = {}): Promise<TerminalRun> {
  const folder = emptyFolder();
  writeFiles(folder, { "visits.strm": program(500, count) });
  return await strmInTerminal(["run", join(folder, "visits.strm"), ...flags], { ...size, ...options });
}

const running = /visits {2}running[\s\S]*q stop/;

describe.skipIf(!needServer("A terminal", pythonMissing()))("a run on a terminal", () => {
  test("is walked through by keys, fits another size, and ends well when it is asked to", async () => {
    const run = await watched({ flags: ["--checkpoint-every", "1h"] });
    const first = await run.until(/in flight \(\d/);
    expect(first).toMatchObject({ alternate: true, cursor: false, colours: true });
    expect(first.lines.length).toBe(24);
    expect(first.lines[0]).toMatch(/^visits {2}running .* exactly-once$/);
    expect(first.lines[23]).toBe("arrows move  enter look inside  t tap  / filter  p freeze  ? help  q stop");

    run.type(`${down}${down}`);
    await run.until(/^› .*counted/m);
    run.type("\r");
    const step = await run.until(/counted {2}decrypt/);
    expect(step.lines.join("\n")).toMatch(/asks for {2}consent to statistics/);
    run.type(pageDown);
    await run.until(/uniqueIdentifier +string\? +clear +statistics/);
    run.type("\t");
    await run.until(/counted->file {2}sink[\s\S]*file counted\.jsonl/);
    run.type(escapeKey);
    await run.until(/^› .*→ file/m);
    run.type("?");
    await run.until(/withheld +consent at work/);
    run.type("x");
    await run.until(running);

    run.type("/safe->");
    const filtered = await run.until(/^\/safe->_/m);
    expect(filtered.lines.join("\n")).not.toMatch(/─ counted/);
    run.type(escapeKey);
    await run.until(/─ counted/);

    run.resize(120, 40);
    const wide = await run.until(/^visits[^\n]* {20,}exactly-once\n(?:[^\n]*\n){38}arrows move[^\n]*q stop$/);
    expect(wide.lines.length).toBe(40);
    run.resize(60, 12);
    await run.until(/^visits {2}running[^\n]*\n(?:[^\n]*\n){10}arrows move {2}enter look inside/);
    run.resize(80, 24);
    await run.until(running);

    run.type("p");
    const frozen = await run.until(/frozen \(p goes on\)/);
    run.type("/safe");
    const later = await run.until(/^\/safe_/m);
    expect(later.lines[0]).toBe(frozen.lines[0]);
    run.type(escapeKey);
    await run.until(/^arrows move/m);
    run.type("p");
    const moving = await run.until(running);
    const readBy = ({ lines }: ScreenShot) =>
      Number(/([\d,]+) read/.exec(lines[0] ?? "")?.[1]?.replaceAll(",", ""));
    expect(readBy(moving)).toBeGreaterThan(readBy(frozen));

    run.type("q");
    await run.until(/Stop\? [\d,]+ events are in flight/);
    run.type(escapeKey);
    await run.until(running);
    run.type("q");
    await run.until(/Stop\? /);
    run.type("y");
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false, cursor: true });
    const text = end.lines.join("\n");
    expect(text).toMatch(/visits stopped by q: [\d,]+ events read/);
    expect(text).toMatch(/The ledger balances/);
  });

  test("is tapped: personal values stay covered until somebody uncovers them, and that is recorded", async () => {
    const run = await watched();
    await run.until(running);
    run.type(`${down}${down}`);
    await run.until(/^› .*counted/m);
    run.type("t");
    await run.until(/^Look\? Personal values in clear \(2 fields\) stay covered/m);
    run.type("y");
    const covered = await run.until(
      /counted {2}tap, as counted->file is given it[\s\S]*uniqueIdentifier +•{8}$/m,
    );
    expect(covered.lines.join("\n")).not.toMatch(/"(?:unique|sensitive)-\d/);
    expect(covered.lines.join("\n")).toMatch(/strmMeta\.keyLink +"[0-9a-f-]{36}"/);
    run.type("u");
    await run.until(/^Uncover 2 fields\? The run's events record it/m);
    run.type("y");
    await run.until(/uniqueIdentifier +"unique-\d+"/);
    run.type("u");
    await run.until(/uniqueIdentifier +•{8}$/m);
    run.type(escapeKey);
    await run.until(/^› .*counted/m);
    run.type(ctrlC);
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false });
    expect(end.lines.join("\n")).toMatch(/Uncovered: \S+ looked at personal values of counted, at 20/);
    expect(end.lines.join("\n")).not.toMatch(/"(?:unique|sensitive)-\d/);
  });

  test("draws little and seldom, also while the terminal changes its size again and again", async () => {
    const run = await watched();
    await run.until(running);
    const [before, beganMs] = [run.now(), performance.now()];
    await sleep(3_000);
    const [after, tookMs] = [run.now(), performance.now() - beganMs];
    const drawn = after.pictures - before.pictures;
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThanOrEqual(2 + tookMs / 1000);
    // A whole picture has some two thousand bytes.
    expect((after.bytes - before.bytes) / drawn).toBeLessThan(1_500);

    for (let i = 0; i < 40; i++) {
      run.resize(80 + (i % 7), 24 + (i % 3));
      await sleep(25);
    }
    run.resize(90, 26);
    const last = await run.until(/^visits(?:[^\n]*\n){25}arrows move/);
    const seconds = (performance.now() - beganMs - tookMs) / 1000;
    expect(last.pictures - after.pictures).toBeLessThanOrEqual(2 + 10 * seconds);
    run.type(ctrlC);
    expect(await run.ended).toMatchObject({ code: 0, restored: true });
  });

  test("is suspended and goes on like any other program, with the terminal as it was meanwhile", async () => {
    const run = await watched();
    for (const suspend of [() => run.type(ctrlZ), () => run.signal(SIGTSTP)]) {
      await run.until(running);
      suspend();
      const shell = await run.until(/visits started; (?![\s\S]*q stop)/);
      expect(shell).toMatchObject({ alternate: false, cursor: true });
      run.signal(SIGCONT);
      expect(await run.until(running)).toMatchObject({ alternate: true, cursor: false });
      run.type("?");
      await run.until(/withheld +consent at work/);
      run.type("x");
    }
    await run.until(running);
    run.type(ctrlC);
    expect(await run.ended).toMatchObject({ code: 0, restored: true, alternate: false });
  });

  test("that was started behind the shell's own job is told in words, and is not stopped for want of keys", async () => {
    const run = await watched({ count: ", count = 400", shell: 'set -m; "$@" & wait $!' });
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, switched: false });
    expect(end.lines.join("\n")).toMatch(/visits completed: 400 events read/);
  });

  test("on a terminal that tells no size is drawn as on a usual one", async () => {
    const run = await watched({ shell: 'stty rows 0 cols 0; exec "$@"' });
    await run.until(/visits {2}running/);
    run.type(ctrlC);
    expect(await run.ended).toMatchObject({ code: 0, restored: true });
  });

  test("that comes to its end leaves its summary on the normal screen", async () => {
    const run = await watched({ count: ", count = 1500" });
    await run.until(running);
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false, cursor: true });
    expect(end.lines.join("\n")).toMatch(/visits completed: 1,500 events read/);
  });

  test("that is over at once has its summary", async () => {
    const run = await watched({ count: ", count = 5" });
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false, cursor: true });
    expect(end.lines.join("\n")).toMatch(/visits completed: 5 events read/);
  });

  test("is ended by Ctrl-C as by the signal", async () => {
    const run = await watched();
    await run.until(running);
    run.type(ctrlC);
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false, cursor: true });
    expect(end.lines.join("\n")).toContain("visits stopped by SIGINT");
  });

  test("that can't write shows what it waits for, and is left at once by a second Ctrl-C", async () => {
    const fault: Fault = { seam: "sink write", nth: 3, times: 1e9, how: "fail", code: "EAGAIN" };
    const run = await watched({
      env: { STRM_TEST_FAULT: JSON.stringify(fault) },
      nodeOptions: ["--import", new URL("../kit/fault-preload.ts", import.meta.url).href],
    });
    await run.until(/^visits {2}running[\s\S]*^retry: (?:safe|counted)->file: /m);
    await run.until(/→ file .* retry \d+ in [\d.]+ s/);
    await run.until(/waits {3}for (?:safe|counted)->file \d+ %/);
    run.type(ctrlC);
    await run.until(/stopping: delivering what was read/);
    // So soon one signal may have come by two ways.
    await sleep(300);
    run.type(ctrlC);
    const end = await run.ended;
    expect(end).toMatchObject({ code: 3, restored: true, alternate: false, cursor: true });
    expect(end.lines.join("\n")).toContain("SIGINT again: left at once.");
  });

  test("leaves the terminal as it was, also after SIGTERM and after a crash", async () => {
    const terminated = await watched();
    await terminated.until(running);
    terminated.signal(15);
    const end = await terminated.ended;
    expect(end).toMatchObject({ code: 0, restored: true, alternate: false, cursor: true });
    expect(end.lines.join("\n")).toContain("visits stopped by SIGTERM");

    const crash = 'process.on("SIGUSR2", () => { throw new TypeError("personal@example.com"); })';
    const crashing = await watched({
      nodeOptions: ["--import", `data:text/javascript,${encodeURIComponent(crash)}`],
    });
    await crashing.until(running);
    crashing.signal(12);
    const crashed = await crashing.ended;
    expect(crashed).toMatchObject({ code: 1, restored: true, alternate: false, cursor: true });
    expect(crashed.lines.join("\n")).toMatch(/This is a bug of strm \(TypeError\)/);
    expect(crashed.lines.join("\n")).not.toContain("personal@");
  });

  test("has no colours with NO_COLOR, and nothing but ASCII with --ascii", async () => {
    const run = await watched({ flags: ["--ascii"], env: { NO_COLOR: "1" } });
    const shot = await run.until(/events\/s[\s\S]*waits {3}for [^n]/);
    expect(shot.colours).toBe(false);
    expect(shot.lines.join("\n")).toMatch(/^[\n -~]*$/);
    expect(shot.lines.join("\n")).toContain("`- safe");
    run.type(ctrlC);
    const end = await run.ended;
    expect(end.colours).toBe(false);
    expect(end.lines.join("\n")).toMatch(/^[\n -~]*$/);
  });

  test("is told in words with CI set, and where it is asked for", async () => {
    for (const wanted of [{ env: { CI: "true" } }, { flags: ["--output", "text"] }]) {
      const run = await watched({ count: ", count = 800", ...wanted });
      await run.until(/visits started; /);
      const end = await run.ended;
      expect(end.code).toBe(0);
      expect(end.lines.join("\n")).toMatch(/visits completed: 800 events read/);
      expect(end.switched).toBe(false);
    }
  });
});
