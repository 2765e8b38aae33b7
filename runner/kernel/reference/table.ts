// Rows of 32-bit integers in one growing array: notes on events without an object for each.

export class Table {
  data: Int32Array<ArrayBuffer>;
  /** Rows in use. */
  count = 0;
  readonly width: number;

  constructor(width: number) {
    this.width = width;
    this.data = new Int32Array(width * 1024);
  }

  /** Adds a row and returns where in `data` it starts; what stands in it is undefined. */
  add(): number {
    const base = this.count++ * this.width;
    if (base + this.width > this.data.length) {
      const grown = new Int32Array(this.data.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    return base;
  }
}
