// Why a file is no object container file that can be read.

/** `damaged`: it ends too early or was changed; `unsupported`: it is fine, and not for us. The message is a clause. */
export class ContainerFault extends Error {
  readonly kind: "damaged" | "unsupported";

  constructor(kind: ContainerFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}
