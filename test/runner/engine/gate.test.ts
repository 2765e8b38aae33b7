// The gate: many together, or one alone, and nobody waits for ever.
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Gate } from "../../../runner/engine/gate.ts";

test("one alone meets nobody, and those who come later wait for it", async () => {
  const gate = new Gate();
  const log: string[] = [];
  await gate.enter();
  const alone = gate.alone(() => void log.push("alone"));
  const late = gate.together(async () => void log.push("late"));
  await sleep(5);
  expect(log).toEqual([]);
  gate.leave();
  await Promise.all([alone, late]);
  expect(log).toEqual(["alone", "late"]);
});

test("work that fails leaves the gate open", async () => {
  const gate = new Gate();
  await expect(gate.together(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(
    gate.alone(() => {
      throw new Error("neither");
    }),
  ).rejects.toThrow("neither");
  expect(await gate.alone(() => 1)).toBe(1);
});

test("whatever comes in whatever order: alone is alone, and all get through", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ alone: fc.boolean(), waits: fc.nat(3) }), { maxLength: 30 }),
      async (all) => {
        const gate = new Gate();
        let inside = 0;
        let done = 0;
        const work = all.map(async ({ alone, waits }) => {
          for (let i = 0; i < waits; i++) await Promise.resolve();
          if (alone) {
            await gate.alone(() => {
              expect(inside).toBe(0);
              done++;
            });
          } else {
            await gate.together(async () => {
              inside++;
              for (let i = 0; i < waits; i++) await Promise.resolve();
              inside--;
              done++;
            });
          }
        });
        await Promise.all(work);
        expect(done).toBe(all.length);
      },
    ),
  );
});
