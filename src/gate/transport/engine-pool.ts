// Connections to the engine that wait for the next request, newest first.

import { AnswerMemory } from "./answer-memory.ts";
import { EngineConnection } from "./engine-connection.ts";
import type { PreparedRequest } from "./engine-request.ts";

export class EnginePool {
  readonly #path: string;
  readonly #idle: EngineConnection[] = [];
  readonly #maxIdle: number;
  readonly #signature: string;
  readonly #prepared = new WeakMap<object, PreparedRequest>();
  /** What came over all of these connections. */
  readonly answers: AnswerMemory = new AnswerMemory();
  #isClosed = false;

  /** @param headers go with every request @param maxIdle most connections that wait */
  constructor(path: string, headers: Readonly<Record<string, string>> = {}, maxIdle = 64) {
    this.#path = path;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#signature = lines.join("");
    this.#maxIdle = maxIdle;
  }

  /** @returns a waiting connection, if there is one: no turn of the event loop is lost */
  takeIdle(): EngineConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      connection.onIdleClose = ignore;
      if (connection.isUsable) return connection;
      connection.destroy();
    }
  }

  /** @throws PlimsollError ENGINE_UNREACHABLE */
  open(): Promise<EngineConnection> {
    return EngineConnection.open(this.#path);
  }

  /** The head with our own headers after its request line. */
  signed(head: string): string {
    if (this.#signature === "") return head;
    const lineEnd = head.indexOf("\r\n") + 2;
    return head.slice(0, lineEnd) + this.#signature + head.slice(lineEnd);
  }

  /** Of requests whose heads are the same. */
  prepared(sameHead: object, prepare: () => PreparedRequest): PreparedRequest {
    const known = this.#prepared.get(sameHead);
    if (known !== undefined) return known;
    const prepared = prepare();
    this.#prepared.set(sameHead, prepared);
    return prepared;
  }

  /** Takes back a connection whose answer was read to its end. */
  giveBack(connection: EngineConnection): void {
    if (!connection.rest() || this.#isClosed || this.#idle.length >= this.#maxIdle) {
      connection.destroy();
      return;
    }
    connection.onIdleClose = () => this.#forget(connection);
    this.#idle.push(connection);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #forget(connection: EngineConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

function ignore(): void {}
