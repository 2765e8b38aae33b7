// The codes of rejected events, each with its page.
import type { CodePage } from "../../dsl/diagnostics/code-page.ts";

export const eventCodes = {} as const satisfies Record<string, CodePage>;

export type EventCode = keyof typeof eventCodes;
