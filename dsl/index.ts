// The only door of the language: compile a program, and read what it says.
export { type CompileResult, compile, type LoadedFile, type Program } from "./compile.ts";
export type { CodePage } from "./diagnostics/code-page.ts";
export { type DiagnosticCode, type DiagnosticPage, diagnosticCodes } from "./diagnostics/codes.ts";
export type { Diagnostic, Related, Severity } from "./diagnostics/diagnostic.ts";
export { type DiagnosticJson, toJson } from "./diagnostics/json.ts";
export { type RenderOptions, render } from "./diagnostics/render.ts";
export { explainPage } from "./docs/page.ts";
export {
  type FurtherPage,
  type FurtherSection,
  type ReferencePage,
  referencePages,
} from "./docs/reference.ts";
export { format } from "./format/format.ts";
export { type Explanation, explainGraph } from "./graph/explain.ts";
export { explainGraphText } from "./graph/explain-text.ts";
export type { JobGraph } from "./graph/job-graph.ts";
export { graphDot, graphMermaid, graphText } from "./graph/print.ts";
export type { Catalog, ConnectorSpec, KeyStoreSpec, SinkSpec, SourceSpec } from "./spec/connector-spec.ts";
export { type Delivery, deliveryOf } from "./spec/delivery.ts";
export type { OptionValue, Reference } from "./spec/option-value.ts";
export { type Lookup, type OptionProblem, type Resolved, resolveOptions } from "./spec/resolve.ts";
export { closest } from "./text/closest.ts";
export type { Position, Span } from "./text/span.ts";
export { parseDuration } from "./text/units.ts";
export { wrap } from "./text/wrap.ts";
