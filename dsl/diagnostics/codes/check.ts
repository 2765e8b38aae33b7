// The codes of the checker, gathered from one file a namespace.
import { consentCodes } from "./consent.ts";
import { contractCodes } from "./contract.ts";
import { flowCodes } from "./flow.ts";
import { importCodes } from "./import.ts";
import { nameCodes } from "./name.ts";
import { optionCodes } from "./option.ts";
import { paramCodes } from "./param.ts";
import { purposeCodes } from "./purpose.ts";
import { schemaCodes } from "./schema.ts";
import { unusedCodes } from "./unused.ts";

export const checkCodes = {
  ...importCodes,
  ...nameCodes,
  ...paramCodes,
  ...purposeCodes,
  ...contractCodes,
  ...schemaCodes,
  ...optionCodes,
  ...flowCodes,
  ...consentCodes,
  ...unusedCodes,
} as const;
