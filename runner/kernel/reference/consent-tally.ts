// Counts a batch's events by what their data subjects consented to.
import type { ConsentCount } from "../kernel.ts";
import type { Consent } from "./consents.ts";

/** Programs name few purposes; what hostile input makes many or long of is counted together. */
const combinationsMax = 64;
const levelsMax = 16;

export class ConsentTally {
  /** Each once, however many events have it. */
  private readonly seen: Consent[] = [];

  count(consent: Consent): void {
    if (consent.events++ === 0) this.seen.push(consent);
  }

  /** What was counted since the last call. The same levels may stand there twice, where they were written differently. */
  take(): readonly ConsentCount[] {
    const counts: ConsentCount[] = [];
    let others = 0;
    for (const consent of this.seen) {
      const { levels, events } = consent;
      consent.events = 0;
      if (counts.length < combinationsMax && levels.length <= levelsMax) counts.push({ levels, events });
      else others += events;
    }
    this.seen.length = 0;
    if (others > 0) counts.push({ levels: null, events: others });
    return counts;
  }
}
