// Buffers that came back, to write further results into.

export class Spares {
  private readonly most: number;
  private readonly buffers: ArrayBuffer[] = [];

  /** Keeps so many at most. */
  constructor(most: number) {
    this.most = most;
  }

  /** Room for at least so many bytes; what stands in it is undefined. */
  take(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const index = this.buffers.findIndex((buffer) => buffer.byteLength >= sizeBytes);
    const [found] = index < 0 ? [] : this.buffers.splice(index, 1);
    return new Uint8Array(found ?? new ArrayBuffer(sizeBytes));
  }

  /** The newest are kept: their sizes are those that are needed now. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0) return;
    this.buffers.push(buffer);
    if (this.buffers.length > this.most) this.buffers.shift();
  }
}
