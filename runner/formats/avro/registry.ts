// A client of a schema registry with Confluent's REST API: schemas by their ids, and ids of schemas.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { StrmFailure } from "../../failure.ts";
import type { Fields } from "../fields.ts";
import type { AvroType } from "./avro-type.ts";
import { type KnownTypes, NotASchema, type ReadSchema, readSchemaText } from "./read-schema.ts";
import type { Refused } from "./refused.ts";
import type { Answer, RegistryHttp } from "./registry-http.ts";

/** Schemas that one schema may refer to, all in all. */
const MAX_REFERENCES = 100;

/** The registry's own numbers in the answers to what it does not have. */
const NOT_THERE: ReadonlySet<number> = new Set([40401, 40402, 40403]);

export class Registry {
  readonly #http: RegistryHttp;

  constructor(http: RegistryHttp) {
    this.#http = http;
  }

  /** `GET /schemas/ids/ID`. What can't be had or read refuses the events that were written with it. */
  async schema(id: number): Promise<AvroType | Refused> {
    const answer = await this.#http.get(`/schemas/ids/${id}`);
    if (this.#isAbsent(answer)) return unknown("the registry has none of its id");
    try {
      return (await this.#read(this.#good(answer), { left: MAX_REFERENCES })).type;
    } catch (error) {
      if (error instanceof NotASchema) return unknown(error.message);
      throw error;
    }
  }

  /** `POST /subjects/SUBJECT`: the id of a schema that the subject has. Throws `registry.no-schema`. */
  async idOf(subject: string, schema: Json): Promise<number> {
    const answer = await this.#http.post(`/subjects/${encodeURIComponent(subject)}`, asBody(schema));
    if (this.#isAbsent(answer)) {
      throw new StrmFailure(
        "registry.no-schema",
        `\`${this.#http.step}\` finds its schema not registered for the subject \`${subject}\`.`,
        "Register it, or let the sink do it: `register = true`.",
      );
    }
    return this.#idIn(answer);
  }

  /** `POST /subjects/SUBJECT/versions`: the id of a schema that the subject has from now on. Throws `registry.incompatible`. */
  async register(subject: string, schema: Json): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#http.post(path, asBody(schema));
    if (answer.status === 409) {
      throw new StrmFailure(
        "registry.incompatible",
        `\`${this.#http.step}\` can't register its schema: it is not compatible with what the subject \`${subject}\` has.`,
        "Name another `subject`, or change the subject's compatibility rule.",
      );
    }
    return this.#idIn(answer);
  }

  /** Schemas that it refers to first; `budget.left` of them may still be fetched. */
  async #read(body: Fields, budget: { left: number }): Promise<ReadSchema> {
    const type = body.text("schemaType");
    if (type !== "" && type !== "AVRO") throw new NotASchema("it is no Avro schema");
    const known = new Map<string, AvroType>();
    for (const reference of body.list("references")) {
      if (budget.left-- <= 0) throw new NotASchema(`it refers to more than ${MAX_REFERENCES} schemas`);
      const subject = encodeURIComponent(reference.text("subject"));
      const answer = await this.#http.get(`/subjects/${subject}/versions/${reference.number("version")}`);
      if (this.#isAbsent(answer)) throw new NotASchema("the registry lacks a schema that it refers to");
      const read: { readonly known: KnownTypes } = await this.#read(this.#good(answer), budget);
      for (const [name, one] of read.known) known.set(name, one);
    }
    return readSchemaText(body.text("schema"), known);
  }

  /** A web server that is no registry says 404, too: then the URL is wrong, and not the event. */
  #isAbsent({ status, body }: Answer): boolean {
    return status === 404 && NOT_THERE.has(body.number("error_code"));
  }

  #good({ status, body }: Answer): Fields {
    if (status === 200 && body.text("schema") !== "") return body;
    throw this.#unexpected(status);
  }

  #idIn({ status, body }: Answer): number {
    const id = body.number("id");
    if (status === 200 && Number.isInteger(id) && body.has("id") && id >= 0 && id < 2 ** 31) return id;
    throw this.#unexpected(status);
  }

  #unexpected(status: number): StrmFailure {
    if (status === 200 || status === 404)
      return this.#http.garbled(`it answered ${status} without what was asked for`);
    return this.#http.refused(`it answered ${status}`);
  }
}

function asBody(schema: Json): Json {
  return { schema: JSON.stringify(schema) };
}

function unknown(why: string): Refused {
  return {
    code: "event.unknown-schema",
    reason: `The schema that the event was written with can't be had: ${why}.`,
  };
}
