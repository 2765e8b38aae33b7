// A batch is run again over the same files: the same key links, the same keys and the same bytes, however many workers and whatever happens in between.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startStrm, strm } from "../kit/cli.ts";
import { emptyFolder, filesBelow, linesOf, writeFiles } from "../kit/folder.ts";
import { seeded } from "../kit/random.ts";

const program = (rotate: string) => `
purposes { counting = 1 "counting customers", letters = 2 "writing to customers" }

contract order as "acme/order/1.0.0" from "order.avsc" {
  customer  @key @subject @pii(counting)
  email     @pii(letters)
  ordered   @time(format = "dd.MM.yyyy HH:mm", zone = "Europe/Amsterdam") @drop
  choice: string?  @consent(map = { "all": [counting, letters], "some": [counting] }, default = []) @drop
}

source orders of order from file { path = "in/*.jsonl" }
encrypt orders into safe { rotate = ${rotate} }
decrypt safe into counts for granular(counting)
decrypt safe into mail for granular(counting, letters)

sink safe      into file { path = "out/safe.jsonl", max_size = 1MiB }
sink safe.keys into file { path = "out/keys.csv" }
sink counts    into file { path = "out/counts.jsonl" }
sink mail      into file { path = "out/mail.jsonl" }
`;

const schema = {
  type: "record",
  name: "Order",
  fields: [
    { name: "customer", type: "string" },
    { name: "email", type: ["null", "string"], default: null },
    { name: "ordered", type: "string" },
    { name: "total", type: "double" },
  ],
};

const LINES = 30_000;

/** Orders around the night in which the clocks are put back; some come late. */
function makeBatch(rotate: string): string {
  const folder = emptyFolder();
  const random = seeded(20_261_025);
  const two = (value: number) => String(value).padStart(2, "0");
  const lines = Array.from({ length: LINES }, (_, i) => {
    const minute = Math.max(
      0,
      Math.floor((i / LINES) * 4320) - (random.below(20) === 0 ? random.below(900) : 0),
    );
    const day = 24 + Math.floor(minute / 1440);
    return JSON.stringify({
      customer: `c-${random.below(500)}`,
      email: random.below(4) === 0 ? null : `${i}@mail.example`,
      ordered: `${day}.10.2026 ${two(Math.floor((minute % 1440) / 60))}:${two(minute % 60)}`,
      total: i / 4,
      choice: [null, "all", "some", "none"][random.below(4)],
    });
  });
  const half = LINES / 2;
  writeFiles(folder, {
    "order.avsc": JSON.stringify(schema),
    "batch.strm": program(rotate),
    "in/orders-1.jsonl": `${lines.slice(0, half).join("\n")}\n`,
    "in/orders-2.jsonl": `${lines.slice(half).join("\n")}\n`,
  });
  return folder;
}

const texts = (folder: string) =>
  Object.fromEntries([...filesBelow(join(folder, "out"))].map(([name, bytes]) => [name, bytes.toString()]));

/** What went on elsewhere than it broke off may be cut into other parts. */
function joined(files: Record<string, string>): Record<string, string> {
  const whole: Record<string, string> = {};
  for (const name of Object.keys(files).sort()) {
    const stem = name.replace(/-\d+(?=\.)/, "");
    whole[stem] = (whole[stem] ?? "") + files[name];
  }
  return whole;
}

/** Compared by name first, so that a difference is told in a line. */
function expectSame(found: Record<string, string>, expected: Record<string, string>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  const changed = Object.keys(expected).filter((name) => found[name] !== expected[name]);
  expect(changed).toEqual([]);
}

test.each(["daily", "24h"])(
  "with rotate = %s",
  async (rotate) => {
    const folder = makeBatch(rotate);
    const batch = join(folder, "batch.strm");
    const run = async (...flags: readonly string[]) => {
      const { code, stderr } = await strm(["run", batch, ...flags]);
      expect(code, stderr).toBe(0);
      return texts(folder);
    };

    const first = await run();
    const safe = Object.keys(first).filter((name) => name.startsWith("safe"));
    expect(safe.length).toBeGreaterThan(3);
    const links = new Set(
      safe.flatMap((name) => linesOf(folder, "out", name)).map((line) => JSON.parse(line).strmMeta.keyLink),
    );
    expect(links.size).toBeGreaterThan(1500);
    for (const text of Object.values(first)) expect(text).not.toMatch(/ordered|choice/);

    expectSame(await run("--from-start"), first);
    // Nothing there to be taken over: every file is written anew.
    rmSync(join(folder, "out"), { recursive: true });
    expectSame(await run("--from-start", "--workers", "2"), first);

    for (const workers of ["1", "2"]) {
      const flags = ["--from-start", "--workers", workers, "--checkpoint-every", "100ms", "--output", "json"];
      const broken = startStrm(["run", batch, ...flags]);
      await broken.until(/"type":"checkpoint"/);
      broken.kill("SIGKILL");
      const { code, stdout } = await broken.ended;
      expect(code).toBeNull();
      expect(stdout).not.toContain('"type":"finished"');
      expectSame(joined(await run("--workers", workers)), joined(first));
    }
  },
  180_000,
);
