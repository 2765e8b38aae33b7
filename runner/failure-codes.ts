// The codes of failures that stop a run, each with its page.
import type { CodePage } from "../dsl/diagnostics/code-page.ts";

export const failureCodes = {} as const satisfies Record<string, CodePage>;

export type FailureCode = keyof typeof failureCodes;
