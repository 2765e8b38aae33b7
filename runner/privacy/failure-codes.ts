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
    why: "The disk is full, here or on the database's server. Keys must be durable before anything is sealed with them, so the run stops.",
    fix: "Make space and run again.",
  },
  "keys.corrupt": {
    title: "The key store is damaged",
    why: "The file or the database's schema is not one that strm can read. Writing on could destroy what can still be saved.",
    fix: "Restore it from a backup, or name another one where it belongs to another program. Without the keys, data sealed with them can't be opened.",
  },
  "keys.denied": {
    title: "The key store can't be written",
    why: "The user that runs strm lacks the right to read and write the file or its folder, or the database's role lacks a right on the tables.",
    fix: "Give that user or that role the right, or name another place. What a role needs stands in docs/postgres.md.",
  },
  "keys.options": {
    title: "The options of a key store can't be used",
    why: "Some options take a text of a certain form, such as a URL that stands elsewhere, or don't go together. That can be told only when the store is opened.",
    fix: "Do what the message says.",
    example: {
      wrong: "KEYS_URL=keys.example:5432",
      right: "KEYS_URL=postgres://strm:…@keys.example:5432/keys",
    },
  },
  "keys.unreachable": {
    title: "The key store does not answer",
    why: "The database's server is down, restarting, or can't be reached. It is tried again for a while before the run stops; nothing is sealed meanwhile.",
    fix: "Look whether the server runs, and whether it can be reached from where strm runs.",
  },
  "keys.slow": {
    title: "The key store takes too long",
    why: "A statement took longer than `statement_timeout`, so that it was given up. It is tried again for a while before the run stops.",
    fix: "Look what keeps the server busy, or raise `statement_timeout` of the keys.",
  },
  "keys.busy": {
    title: "The key store has too much to do at once",
    why: "The server has no connection or memory left, or ended a transaction that waited for another one. It is tried again for a while before the run stops.",
    fix: "Where it does not pass, allow more connections (`max_connections`), or give each runner fewer (`connections`).",
  },
  "keys.read-only": {
    title: "The key store takes no changes",
    why: "The server is a standby, or the database was made read-only. After a failover that passes by itself, so it is tried again for a while.",
    fix: "Let the URL name the primary server.",
  },
  "keys.login": {
    title: "The key store does not let strm in",
    why: "The server does not know the role or the database, does not accept the password, or does not allow a connection from here.",
    fix: "Check user, password and database in the URL, and the server's `pg_hba.conf`.",
  },
  "keys.tls": {
    title: "The connection to the key store can't be secured",
    why: "The server does not offer TLS, or its certificate is not trusted, has expired or bears another name. strm never falls back to an open connection by itself.",
    fix: 'Name the certificate of its authority: `tls = { ca = "ca.pem" }`. Or say in the URL what shall be checked: `?sslmode=verify-ca`, `no-verify` or `disable`.',
    example: {
      wrong: 'keys vault in postgres { url = env("KEYS_URL") }',
      right: 'keys vault in postgres { url = env("KEYS_URL"), tls = { ca = "ca.pem" } }',
    },
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
