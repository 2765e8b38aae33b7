// Asks a server over HTTP as anybody might: any method, any header, host names that lie.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function ask(
  url: string,
  { method = "GET", headers = {}, body }: Question = {},
): Promise<Answer> {
  const asked = request(url, { method, headers, agent: false });
  asked.end(body);
  const [response]: IncomingMessage[] = await once(asked, "response");
  if (response === undefined) throw new Error("there is no response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

/** The lines of an answer without an end, as they come. */
export async function* linesFrom(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<string, void, void> {
  const asked = request(url, { headers, agent: false });
  asked.end();
  try {
    const [response]: IncomingMessage[] = await once(asked, "response");
    if (response === undefined) throw new Error("there is no response");
    let rest = "";
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    asked.destroy();
  }
}
