// Why something can't be read as CSV at all.

/** The message is a clause. */
export class CsvFault extends Error {}
