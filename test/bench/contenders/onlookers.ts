// Whoever usually watches a run over the network: a scrape of its metrics each second, and one reader of its events.
import { setTimeout as sleep } from "node:timers/promises";

const SCRAPE_EVERY_MS = 1000;

/** Looks on at `url` from when it can be reached until `stop` is aborted. Resolves to how many scrapes it got. */
export async function lookOn(url: string, stop: AbortSignal): Promise<number> {
  const reading = readEvents(url, stop).catch(() => {});
  let scrapes = 0;
  while (!stop.aborted) {
    const scrape = await fetch(`${url}/metrics`, { signal: stop })
      .then((response) => response.text())
      .catch(() => "");
    if (scrape.includes("strm_events_total")) scrapes++;
    await sleep(scrapes === 0 ? 50 : SCRAPE_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
  await reading;
  return scrapes;
}

async function readEvents(url: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const response = await fetch(`${url}/events`, { signal: stop }).catch(() => undefined);
    if (response?.body) for await (const _ of response.body) if (stop.aborted) return;
    await sleep(50);
  }
}
