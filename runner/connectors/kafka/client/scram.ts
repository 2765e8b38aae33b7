// SCRAM (RFC 5802, RFC 7677) from the client's side.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

export type ScramHash = "sha256" | "sha512";

const derive = promisify(pbkdf2);
/** RFC 7677, section 4. Brokers enforce the same. */
const MIN_ITERATIONS = 4096;
/** More would let a false broker keep this process busy. */
const MAX_ITERATIONS = 1_000_000;

/** Sends the client's messages in turn; `exchange` answers with the server's. Throws where the server does not know the password either. */
export async function authenticateScram(
  hash: ScramHash,
  { username, password }: { readonly username: string; readonly password: string },
  exchange: (message: Uint8Array) => Promise<Buffer>,
): Promise<void> {
  const nonce = randomBytes(24).toString("base64url");
  const bare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  const first = (await exchange(Buffer.from(`n,,${bare}`))).toString("utf8");
  const { r: fullNonce = "", s: salt = "", i = "" } = attributes(first);
  const iterations = Number(i);
  if (!fullNonce.startsWith(nonce) || fullNonce === nonce)
    throw new Error("the nonce is not an answer to ours");
  if (!(iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS)) {
    throw new Error("the number of iterations is out of bounds");
  }

  const sizeBytes = hash === "sha256" ? 32 : 64;
  const salted = await derive(password, Buffer.from(salt, "base64"), iterations, sizeBytes, hash);
  const mac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const clientKey = mac(salted, "Client Key");
  const storedKey = createHash(hash).update(clientKey).digest();
  const unproven = `c=biws,r=${fullNonce}`;
  const all = `${bare},${first},${unproven}`;
  const signature = mac(storedKey, all);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString("base64");

  const last = (await exchange(Buffer.from(`${unproven},p=${proof}`))).toString("utf8");
  const { v = "" } = attributes(last);
  const theirs = Buffer.from(v, "base64");
  const ours = mac(mac(salted, "Server Key"), all);
  if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) {
    throw new Error("the broker did not prove that it knows the password");
  }
}

/** `a=…,b=…`; values may hold `=`. */
function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(message.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}
