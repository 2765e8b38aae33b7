// The codes of the lexer and the parser.
export const syntaxCodes = {} as const;
