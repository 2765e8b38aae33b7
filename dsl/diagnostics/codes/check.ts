// The codes of the checker, gathered from one file a namespace.
export const checkCodes = {} as const;
