// Certificates for tests, made when they are needed by `openssl`: an authority, and whom it vouches for.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Missing } from "./servers.ts";

/** Texts in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** For `needServer`. */
export function opensslMissing(): Missing | undefined {
  if (spawnSync("openssl", ["version"]).status === 0) return undefined;
  return { what: "there is no `openssl` to make certificates", help: "Install OpenSSL." };
}

export class Authority {
  readonly #folder: string;
  #issued = 0;

  /** Its key stands in `folder`, which is the test's to remove. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#openssl(
      "req",
      "-x509",
      ...newKey("ca"),
      "-out",
      "ca.pem",
      "-subj",
      "/CN=strm test authority",
      "-days",
      "2",
    );
  }

  /** The authority's own certificate. */
  get cert(): string {
    return readFileSync(join(this.#folder, "ca.pem"), "utf8");
  }

  /** `names` as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`. */
  issue(commonName: string, ...names: readonly string[]): Certificate {
    const name = `issued-${++this.#issued}`;
    const file = (end: string): string => join(this.#folder, `${name}.${end}`);
    this.#openssl("req", ...newKey(name), "-out", `${name}.csr`, "-subj", `/CN=${commonName}`);
    writeFileSync(file("ext"), names.length === 0 ? "" : `subjectAltName=${names.join(",")}`);
    const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"];
    const files = ["-in", `${name}.csr`, "-out", `${name}.pem`, "-extfile", `${name}.ext`];
    this.#openssl("x509", "-req", ...files, ...signing);
    return { cert: readFileSync(file("pem"), "utf8"), key: readFileSync(file("key"), "utf8") };
  }

  #openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
  }
}

const newKey = (name: string): readonly string[] => [
  "-newkey",
  "ec",
  "-pkeyopt",
  "ec_paramgen_curve:P-256",
  "-nodes",
  "-keyout",
  `${name}.key`,
];
