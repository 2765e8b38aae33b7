// The run that `strm top` attaches to: its URL, and the token that it may ask for.
import { CommandFailure } from "../exit.ts";
import { TOKEN_VARIABLE } from "../serve/place.ts";

export interface Target {
  /** `http:` or `https:`, with a path that ends in `/`; without user, query and fragment. */
  readonly base: URL;
  readonly token: string | undefined;
}

/** Throws a `CommandFailure` with the code `top.address` or `listen.token`. */
export function targetAt(given: string, token: string | undefined): Target {
  // Who leaves the scheme out means the plain one: `localhost:9464` would be a URL of a scheme `localhost`.
  const base = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`);
  if (base === null || base.hostname === "" || /^[0-9]+$/.test(given)) throw noAddress("is no URL");
  if (base.protocol !== "http:" && base.protocol !== "https:") throw noAddress("is not of http or https");
  if (base.username !== "" || base.password !== "")
    throw noAddress(`names a user or a password; a token belongs into ${TOKEN_VARIABLE}`);
  if (base.search !== "" || base.hash !== "") throw noAddress("has a query or a fragment");
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new CommandFailure(
      `${TOKEN_VARIABLE} holds characters that a header can't carry.`,
      "Set it to the token that the run was started with.",
      "listen.token",
    );
  }
  return { base, token };
}

function noAddress(how: string): CommandFailure {
  return new CommandFailure(
    `What \`strm top\` was given ${how}.`,
    "Give the URL that `strm run --listen` prints, such as http://127.0.0.1:9464.",
    "top.address",
  );
}
