// The words that flags and arguments choose from; here, since the definitions of commands must not load the commands.
export const graphFormats = ["text", "mermaid", "dot", "json"] as const;
export type GraphFormat = (typeof graphFormats)[number];

export const outputForms = ["tui", "text", "json"] as const;
export type OutputForm = (typeof outputForms)[number];

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];
