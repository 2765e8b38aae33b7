// The requests by which a connection shows who it is (KIP-43, KIP-152, KIP-368).
import type { Api } from "../api.ts";

export const saslHandshake: Api<string, { readonly error: number }> = {
  name: "SaslHandshake",
  key: 17,
  version: 1,
  headers: "plain",
  write: (w, mechanism) => w.plainString(mechanism),
  read: (r) => ({ error: r.int16() }),
};

export interface SaslAnswer {
  readonly error: number;
  readonly bytes: Buffer;
  /** How long the connection may go on; 0: as long as it likes. */
  readonly sessionMs: number;
}

const nothing = Buffer.alloc(0);

export const saslAuthenticate: Api<Uint8Array, SaslAnswer> = {
  name: "SaslAuthenticate",
  key: 36,
  version: 2,
  write: (w, bytes) => w.bytes(bytes).tags(),
  read: (r) => {
    const error = r.int16();
    // The broker's words may repeat what it was sent.
    r.nullableString();
    return { error, bytes: r.nullableBytes() ?? nothing, sessionMs: r.int64() };
  },
};
