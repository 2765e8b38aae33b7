// One connection to a broker: requests go out at once, and answers come back in their order.
import type { Socket } from "node:net";
import { StrmFailure } from "../../../failure.ts";
import type { Api } from "./api.ts";
import { Frames } from "./frames.ts";
import { type Address, garbled, socketFailure, unreachable } from "./reach-failures.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

interface Waiting {
  readonly take: (body: Buffer) => void;
  readonly fail: (failure: StrmFailure) => void;
  readonly timer: NodeJS.Timeout;
}

export class Connection {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #clientId: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #frames: Frames;
  readonly #onClosed: () => void;
  #lastId = 0;
  #failure: StrmFailure | undefined;
  #retired = false;

  /** Takes over an open socket. `onClosed` is called once, when it can't be used any more. */
  constructor(address: Address, socket: Socket, clientId: string, onClosed: () => void) {
    this.address = address;
    this.#socket = socket;
    this.#clientId = clientId;
    this.#onClosed = onClosed;
    this.#frames = new Frames(address, (frame) => this.#answer(frame));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#end(socketFailure(address, error)));
    socket.on("close", () => this.#end(unreachable(address, "it closed the connection")));
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * The answer. Throws a transient `kafka.unreachable` where there is none in time: the broker may have done what was asked all the same. The
   * connection is closed then, since later answers would wait behind this one.
   */
  send<Q, A>(api: Api<Q, A>, request: Q, timeoutMs: number): Promise<A> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#lastId = (this.#lastId + 1) & 0x7fffffff;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<A>();
    const late = () =>
      this.#end(unreachable(this.address, `no answer to ${api.name} within ${timeoutMs} ms`));
    this.#waiting.set(id, {
      take: (body) => {
        try {
          resolve(readAnswer(api, body));
        } catch (error) {
          reject(garbled(`The answer to ${api.name} of the Kafka broker`, error));
        }
      },
      fail: reject,
      timer: setTimeout(late, timeoutMs),
    });
    this.#write(requestParts(api, request, id, this.#clientId));
    return promise;
  }

  /** Closes when the last answer has come. */
  retire(): void {
    this.#retired = true;
    if (this.#waiting.size === 0) this.close();
  }

  close(): void {
    this.#end(unreachable(this.address, "the connection was closed here"));
  }

  #write(parts: readonly Uint8Array[]): void {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) {
      this.#socket.write(only);
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  #take(chunk: Buffer): void {
    try {
      this.#frames.take(chunk);
    } catch (error) {
      this.#end(error instanceof StrmFailure ? error : garbled("What the Kafka broker sends", error));
    }
  }

  #answer(frame: Buffer): void {
    const id = frame.readInt32BE(0);
    const waiting = this.#waiting.get(id);
    // Whoever waited has given up.
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.take(frame.subarray(4));
    if (this.#retired && this.#waiting.size === 0) this.close();
  }

  #end(failure: StrmFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#socket.destroy();
    for (const { fail, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      fail(failure);
    }
    this.#waiting.clear();
    this.#onClosed();
  }
}

function requestParts<Q, A>(api: Api<Q, A>, request: Q, id: number, clientId: string): readonly Uint8Array[] {
  const writer = new WireWriter().int32(0).int16(api.key).int16(api.version).int32(id).plainString(clientId);
  if (api.headers !== "plain") writer.tags();
  api.write(writer, request);
  return writer.takeFrame();
}

function readAnswer<Q, A>(api: Api<Q, A>, body: Buffer): A {
  const reader = new WireReader(body);
  if (api.headers === undefined) reader.tags();
  return api.read(reader);
}
