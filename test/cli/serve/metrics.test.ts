// Metrics: what each event adds to them, read by Prometheus' own client; names keep to its conventions.
import { describe, expect, test } from "vitest";
import { RunMetrics } from "../../../cli/serve/metrics.ts";
import type { Ledger, RunEvent } from "../../../runner/index.ts";
import { parseMetrics, sampleOf } from "../../kit/parse-metrics.ts";
import { pythonMissing } from "../../kit/python.ts";
import { at, continuing, ledgerOf, progress, started } from "../../kit/run-events.ts";
import { needServer } from "../../kit/servers.ts";

async function metricsOf(...events: readonly RunEvent[]) {
  const metrics = new RunMetrics();
  for (const event of events) metrics.note(event);
  const families = await parseMetrics(await metrics.text());
  return { families, value: (name: string, labels = {}) => sampleOf(families, name, labels) };
}

const retry: RunEvent = {
  type: "retry",
  time: at(2),
  where: "safe->file",
  code: "kafka.unreachable",
  message: "away",
  attempt: 1,
  wait_ms: 1_500,
  gives_up_in_ms: 1,
};

describe.skipIf(!needServer("Python", pythonMissing()))("metrics", () => {
  test("count what the events say", async () => {
    const { value } = await metricsOf(
      started(),
      { type: "opened", time: at(1) },
      { type: "keys", time: at(1), step: "safe", created: 3, rotated: 1 },
      { type: "keys", time: at(1), step: "safe", created: 4, rotated: 2 },
      progress(ledgerOf(10, { rejected: 2 }), {
        waits: [{ on: "keys", waited_ms: 200 }],
        kernels: { batches: 3, worked_ms: 400 },
        key_calls: [{ call: "find_or_make", calls: 2, failed: 1, took_ms: 150 }],
        behind: [
          { source: "clicks", count: 77, unit: "events" },
          { source: "files", count: 88, unit: "bytes" },
        ],
      }),
      {
        type: "rejected",
        time: at(1),
        step: "clicks",
        code: "event.not-json",
        reason: "r",
        events: 2,
        origin: "o",
      },
      { type: "written", time: at(1), sink: "safe->file", target: "t", events: 8, size_bytes: 80 },
      retry,
      { type: "warning", time: at(2), message: "m", help: "h" },
      { type: "uncovered", time: at(2), stream: "safe", fields: ["email"], by: "op" },
      { type: "checkpoint", time: at(3), checkpoint: 1, events: 5, took_ms: 250 },
      { type: "checkpoint", time: at(3), checkpoint: 2, events: 5, took_ms: 31_000 },
      progress(ledgerOf(30, { rejected: 5 }), {
        waits: [{ on: "keys", waited_ms: 1_700 }],
        kernels: { batches: 7, worked_ms: 1_000 },
        key_calls: [
          { call: "find_or_make", calls: 6, failed: 1, took_ms: 350 },
          { call: "purge", calls: 1, failed: 0, took_ms: 2_500 },
        ],
      }),
    );
    expect(value("strm_run_info", { pipeline: "visits", run_id: "20260102T030400Z-abcdef" })).toBe(1);
    expect(value("strm_run_start_time_seconds")).toBe(Date.parse(at(0)) / 1000);
    expect(value("strm_run_open")).toBe(1);
    expect(value("strm_run_failed")).toBe(0);
    expect(value("strm_events_received_total", { step: "clicks", kind: "source" })).toBe(30);
    expect(value("strm_events_total", { step: "clicks", outcome: "out" })).toBe(25);
    expect(value("strm_events_total", { step: "clicks", outcome: "rejected" })).toBe(5);
    expect(value("strm_events_total", { step: "clicks", outcome: "withheld" })).toBe(0);
    expect(value("strm_rejected_events_total", { step: "clicks", code: "event.not-json" })).toBe(2);
    expect(value("strm_read_bytes_total")).toBe(300);
    expect(value("strm_written_bytes_total", { step: "safe->file" })).toBe(250);
    expect(value("strm_written_objects_total", { step: "safe->file" })).toBe(1);
    expect(value("strm_written_object_bytes_total", { step: "safe->file" })).toBe(80);
    expect(value("strm_key_links_created_total", { step: "safe" })).toBe(7);
    expect(value("strm_key_rotations_total", { step: "safe" })).toBe(3);
    expect(value("strm_source_lag_events", { step: "clicks" })).toBe(77);
    expect(value("strm_source_lag_bytes", { step: "files" })).toBe(88);
    expect(value("strm_wait_seconds_total", { on: "keys" })).toBeCloseTo(1.7);
    expect(value("strm_batches_total")).toBe(7);
    expect(value("strm_kernel_seconds_total")).toBe(1);
    expect(value("strm_kernels")).toBe(2);
    expect(value("strm_key_store_calls_total", { call: "find_or_make" })).toBe(6);
    expect(value("strm_key_store_failures_total", { call: "find_or_make" })).toBe(1);
    expect(value("strm_key_store_seconds_total", { call: "find_or_make" })).toBeCloseTo(0.35);
    expect(value("strm_key_store_seconds_total", { call: "purge" })).toBe(2.5);
    expect(value("strm_checkpoints_total")).toBe(2);
    expect(value("strm_checkpoint_duration_seconds_sum")).toBeCloseTo(31.25);
    expect(value("strm_checkpoint_duration_seconds_bucket", { le: "0.1" })).toBe(0);
    expect(value("strm_checkpoint_duration_seconds_bucket", { le: "0.25" })).toBe(1);
    expect(value("strm_checkpoint_duration_seconds_bucket", { le: "60" })).toBe(2);
    expect(value("strm_last_checkpoint_timestamp_seconds")).toBe(Date.parse(at(3)) / 1000);
    expect(value("strm_retries_total", { where: "safe->file", code: "kafka.unreachable" })).toBe(1);
    expect(value("strm_retry_wait_seconds_total", { where: "safe->file" })).toBe(1.5);
    expect(value("strm_retrying", { where: "safe->file" })).toBe(1);
    expect(value("strm_warnings_total")).toBe(1);
    expect(value("strm_uncoverings_total", { step: "safe" })).toBe(1);
    expect(value("strm_ledger_balanced")).toBe(1);
    expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  });

  test("show a ledger that is out of balance", async () => {
    const whole = ledgerOf(10);
    const broken: Ledger = {
      ...whole,
      balanced: false,
      steps: whole.steps.map((step) => (step.name === "safe" ? { ...step, out: step.out - 3 } : step)),
    };
    const { value } = await metricsOf(started(), progress(broken));
    expect(value("strm_ledger_balanced")).toBe(0);
    expect(value("strm_ledger_difference_events", { step: "safe" })).toBe(3);
    expect(value("strm_ledger_difference_events", { step: "clicks" })).toBe(0);
  });

  test("of a run that goes on count what it did itself, and know the checkpoint before", async () => {
    const { value } = await metricsOf(continuing(4, ledgerOf(100)), progress(ledgerOf(130)));
    expect(value("strm_events_received_total", { step: "clicks" })).toBe(30);
    expect(value("strm_read_bytes_total")).toBe(300);
    expect(value("strm_last_checkpoint_timestamp_seconds")).toBe(Date.parse(at(0)) / 1000);
  });

  test("say that a run without events is in balance", async () => {
    const { value } = await metricsOf(started(), { type: "opened", time: at(1) });
    expect(value("strm_ledger_balanced")).toBe(1);
  });

  test("never go down when a run goes back to its checkpoint", async () => {
    const back = [progress(ledgerOf(50)), progress(ledgerOf(40)), progress(ledgerOf(60))];
    const { value } = await metricsOf(started(), ...back);
    expect(value("strm_events_received_total", { step: "clicks" })).toBe(70);
  });

  test("tell that a retry has passed, that a run goes back, and that it failed", async () => {
    const recovered = await metricsOf(started(), retry, {
      type: "recovered",
      time: at(3),
      where: "safe->file",
      attempts: 2,
    });
    expect(recovered.value("strm_retrying", { where: "safe->file" })).toBe(0);
    const back = await metricsOf(started(), { type: "opened", time: at(1) }, { ...retry, where: "run" });
    expect(back.value("strm_run_open")).toBe(0);
    const anew = await metricsOf(
      started(),
      retry,
      { ...retry, where: "run" },
      { type: "opened", time: at(2) },
    );
    expect(anew.value("strm_retrying", { where: "safe->file" })).toBe(0);
    expect(anew.value("strm_retrying", { where: "run" })).toBe(1);
    const failed = await metricsOf(started(), {
      type: "failed",
      time: at(1),
      code: "run.locked",
      message: "m",
      help: "h",
    });
    expect(failed.value("strm_run_failed")).toBe(1);
  });

  test("are named as Prometheus advises, and say what they mean", async () => {
    const { families } = await metricsOf(started(), progress(ledgerOf(1)));
    const own = families.filter(({ name }) => name.startsWith("strm_"));
    expect(own.length).toBeGreaterThan(20);
    for (const { name, type, help, samples } of own) {
      expect(name).toMatch(/^strm_[a-z_]+[a-z]$/);
      expect(help).toMatch(/\.$/);
      expect(name, "units are base units, last").not.toMatch(/_(ms|milliseconds|kb|mb|minutes)(_|$)/);
      for (const sample of samples) expect(sample.name.endsWith("_total")).toBe(type === "counter");
    }
  });
});
