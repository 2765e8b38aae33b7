// The simulator's events as text, from a seeded generator of numbers.

/** 2026-01-01T00:00:00Z. Event times start here and not now, else no two runs would give the same bytes. */
const START_MS = 1_767_225_600_000;
const CONSENT = ["[]", "[0]", "[0,1]", "[0,1,2]", "[0,1,2,3]"];

export interface Simulation {
  readonly seed: number;
  readonly sessions: number;
  /** Events a second of event time; `unlimited` counts as 1000. */
  readonly rate: number | string;
}

/** Gives the JSON lines of events `[from, to)`, in ASCII; to be asked for in order. `strmMeta` is as a client sends it. */
export function simulatedEvents(simulation: Simulation): (from: number, to: number) => string {
  const below = numbers(simulation.seed);
  const stepMs = 1000 / (typeof simulation.rate === "number" ? simulation.rate : 1000);
  return (from, to) => {
    let lines = "";
    for (let i = from; i < to; i++) {
      const meta = `{"eventContractRef":"strmprivacy/example/1.3.0","nonce":null,"timestamp":${START_MS + Math.floor(i * stepMs)},"keyLink":null,"consentLevels":${CONSENT[below(CONSENT.length)]}}`;
      lines += `{"strmMeta":${meta},"uniqueIdentifier":"unique-${below(1_000_000)}","consistentValue":"session-${below(simulation.sessions)}","someSensitiveValue":"sensitive-${below(1000)}","notSensitiveValue":"not-sensitive-${below(100)}"}\n`;
    }
    return lines;
  };
}

/** SplitMix32: even enough for made-up events. Nothing secret ever comes from it. */
function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000) * bound);
  };
}
