// The catalog that programs are checked against: what the runner's connectors and key stores say of themselves.
import type { Catalog } from "../dsl/index.ts";
import { connectors, defaultKeyStore, keyStores } from "../runner/index.ts";

export const catalog: Catalog = {
  connectors: connectors.map(({ spec }) => spec),
  keyStores: keyStores.map(({ spec }) => spec),
  defaultKeyStore,
};
