// A JSON object too large to be read at once: its members, one after the other, each by the strict reader.

import { createReadStream } from "node:fs";
import { errorText, limitExceeded, malformed, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";

export type JsonMember = readonly [key: string, value: unknown];

const maxMemberBytes = 64 * 1024 * 1024;
const [quote, backslash, comma, open, close, openList, closeList] = [0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d];

/**
 * @param problem takes members that cannot be read
 * @throws PlimsollError MALFORMED_INPUT when the file is no JSON object, or ends too early
 */
export async function* readJsonMembers(path: string, problem: (what: string) => void): AsyncIterable<JsonMember> {
  const cutter = new MemberCutter();
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    if (!(chunk instanceof Uint8Array)) throw malformed(path, "expected bytes");
    for (const piece of cutter.push(chunk)) {
      const member = readMember(piece, problem);
      if (member !== undefined) yield member;
    }
  }
  cutter.end();
}

function readMember(piece: Uint8Array, problem: (what: string) => void): JsonMember | undefined {
  try {
    const object = decodeJson(Buffer.concat([Buffer.from("{"), piece, Buffer.from("}")]), {
      maxBytes: maxMemberBytes + 2,
      duplicates: "exact",
    });
    const [member] = Object.entries(typeof object === "object" && object !== null ? object : {});
    return member;
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    problem(errorText(thrown));
    return undefined;
  }
}

/** Finds the commas between members: those at depth 1 outside of strings. */
class MemberCutter {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isDone = false;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** @returns the bytes of each member that ended in this chunk */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const members: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (!this.#step(byte)) continue;
      members.push(...this.#take(chunk.subarray(start, at)));
      start = at + 1;
    }
    this.#keep(Uint8Array.from(chunk.subarray(start)));
    return members;
  }

  end(): void {
    if (!this.#isDone) throw malformed("JSON", "the object does not end");
  }

  /** @returns true where a piece ends: behind the opening brace, at a comma, at the closing brace */
  #step(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) this.#isInString = false;
      return false;
    }
    if (byte === quote) this.#isInString = true;
    else if (byte === open || byte === openList) return this.#down(byte);
    else if (byte === close || byte === closeList) return this.#up();
    else if (byte === comma) return this.#depth === 1;
    return false;
  }

  #down(byte: number): boolean {
    if (this.#depth === 0 && (byte !== open || this.#isDone)) throw malformed("JSON", "expected one object");
    this.#depth += 1;
    return this.#depth === 1;
  }

  #up(): boolean {
    if (this.#depth === 0) throw malformed("JSON", "a closing brace too many");
    this.#depth -= 1;
    this.#isDone = this.#depth === 0;
    return this.#isDone;
  }

  #take(last: Uint8Array): readonly Uint8Array[] {
    this.#keep(last);
    const piece = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return piece.toString("latin1").trim() === "" ? [] : [piece];
  }

  #keep(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > maxMemberBytes)
      throw limitExceeded("JSON", `a member of more than ${maxMemberBytes} bytes`);
    this.#pending.push(bytes);
  }
}
