// The schemas of a registry by subject, version and id, and the answers that Confluent's REST API gives about them.

export interface Reply {
  readonly status: number;
  readonly answer: object;
}

/** As in requests and answers. `schemaType` is left out for Avro. */
export interface StoredSchema {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly {
    readonly name: string;
    readonly subject: string;
    readonly version: number;
  }[];
}

export class SchemaShelf {
  /** One schema has one id, whatever subjects it stands under. */
  readonly #ids: StoredSchema[] = [];
  readonly #subjects = new Map<string, number[]>();
  readonly #closed = new Set<string>();

  /** Puts a schema under a subject, as a client would; the answer is its id. */
  add(subject: string, stored: StoredSchema): number {
    const id = this.#idOf(stored) ?? this.#ids.push(stored);
    const ids = this.#subjects.get(subject) ?? [];
    if (!ids.includes(id)) this.#subjects.set(subject, [...ids, id]);
    return id;
  }

  /** From now on, every new schema is incompatible with what the subject has. */
  closeSubject(subject: string): void {
    this.#closed.add(subject);
  }

  /** `url` without the host. */
  answer(method: string, url: string, body: string): Reply {
    const [path = ""] = url.split("?");
    const [first, second, third, fourth] = path.split("/").slice(1).map(decodeURIComponent);
    if (method === "GET" && first === "schemas" && second === "ids") return this.#byId(Number(third));
    if (first !== "subjects" || second === undefined) return absent(404, "HTTP 404 Not Found");
    if (method === "GET" && third === "versions" && fourth !== undefined)
      return this.#version(second, fourth);
    if (method !== "POST") return absent(404, "HTTP 404 Not Found");
    const stored = schemaIn(body);
    if (stored === undefined)
      return { status: 422, answer: { error_code: 42201, message: "Invalid schema" } };
    return third === "versions" ? this.#register(second, stored) : this.#lookUp(second, stored);
  }

  #byId(id: number): Reply {
    const stored = this.#ids[id - 1];
    return stored === undefined ? absent(40403, "Schema not found") : { status: 200, answer: stored };
  }

  #version(subject: string, version: string): Reply {
    const ids = this.#subjects.get(subject);
    if (ids === undefined) return absent(40401, "Subject not found");
    const number = version === "latest" ? ids.length : Number(version);
    const id = ids[number - 1];
    if (id === undefined) return absent(40402, "Version not found");
    return { status: 200, answer: { subject, id, version: number, ...this.#ids[id - 1] } };
  }

  #register(subject: string, stored: StoredSchema): Reply {
    const known = this.#idOf(stored);
    const has = known !== undefined && this.#subjects.get(subject)?.includes(known);
    if (this.#closed.has(subject) && !has) {
      return { status: 409, answer: { error_code: 409, message: "Incompatible schema" } };
    }
    return { status: 200, answer: { id: this.add(subject, stored) } };
  }

  #lookUp(subject: string, stored: StoredSchema): Reply {
    const ids = this.#subjects.get(subject);
    if (ids === undefined) return absent(40401, "Subject not found");
    const at = ids.indexOf(this.#idOf(stored) ?? 0);
    return at < 0 ? absent(40403, "Schema not found") : this.#version(subject, String(at + 1));
  }

  #idOf(stored: StoredSchema): number | undefined {
    const at = this.#ids.findIndex((one) => identity(one) === identity(stored));
    return at < 0 ? undefined : at + 1;
  }
}

function absent(error_code: number, message: string): Reply {
  return { status: 404, answer: { error_code, message } };
}

function schemaIn(body: string): StoredSchema | undefined {
  try {
    const { schema, schemaType, references } = JSON.parse(body);
    if ((schemaType ?? "AVRO") === "AVRO") JSON.parse(schema);
    return {
      schema,
      ...(schemaType !== undefined && schemaType !== "AVRO" && { schemaType }),
      ...(references?.length > 0 && { references }),
    };
  } catch {
    return undefined;
  }
}

/** White space makes no other schema. */
function identity({ schema, schemaType = "AVRO", references = [] }: StoredSchema): string {
  const text = schemaType === "AVRO" ? JSON.stringify(JSON.parse(schema)) : schema;
  return JSON.stringify([schemaType, text, references]);
}
