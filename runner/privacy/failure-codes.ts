// The codes of failures with keys and the master key.
import type { CodePage } from "../../dsl/diagnostics/code-page.ts";

export const keyFailureCodes = {
  "keys.bad-master-key": {
    title: "The master key can't be read",
    why: "The master key wraps every other key. It must be a JWK of type `oct` with 32 bytes, or a JWK Set of such keys whose first one is the current one.",
    fix: 'Give a key such as {"kty":"oct","k":"…43 characters of base64url…"}, or leave it out to have one made in the state folder.',
    example: { wrong: "STRM_MASTER_KEY=secret", right: 'STRM_MASTER_KEY=\'{"kty":"oct","k":"…"}\'' },
  },
  "keys.wrong-master-key": {
    title: "The key store was written under another master key",
    why: "What the store holds was wrapped by a master key that was not given now. Going on would make new keys, and the sealed data of before would stay unreadable.",
    fix: "Give the master key of before. To replace it, give a JWK Set with the new key first and the old one behind it.",
  },
  "keys.locked": {
    title: "The key store is in use and does not answer",
    why: "Another process holds the store's lock for longer than a writer ever should.",
    fix: "Look which process uses the file. When it has ended, run again: nothing was lost.",
  },
  "keys.full": {
    title: "The key store can't grow",
    why: "The disk is full. Keys must be durable before anything is sealed with them, so the run stops.",
    fix: "Make space and run again.",
  },
  "keys.corrupt": {
    title: "The key store is damaged",
    why: "The file is not a database that strm can read. Writing on could destroy what can still be saved.",
    fix: "Restore the file from a backup. Without it, data sealed with its keys can't be opened.",
  },
  "keys.denied": {
    title: "The key store can't be written",
    why: "The user that runs strm lacks the right to read and write the file or its folder.",
    fix: "Give that user the right, or name another path.",
  },
  "keys.newer-version": {
    title: "The key store was written by a newer strm",
    why: "Its tables have a form that this version does not know.",
    fix: "Run the newer version.",
  },
  "keys.failed": {
    title: "The key store reports an error",
    why: "The store could not do what it was asked; its own words stand in the message.",
    fix: "Put right what it names, and run again.",
  },
} as const satisfies Record<string, CodePage>;
