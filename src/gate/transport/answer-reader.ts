// Reads an engine's HTTP/1.1 answer from bytes as they arrive, without copying them.
// Source: RFC 9112, sections 4 (status line), 6 (framing) and 7.1 (chunked coding).

import { type AnswerHead, type ReadHead, unreadable } from "./answer-head.ts";

export interface AnswerHandler {
  /**
   * `decoded`: pieces are the content; `framed`: pieces keep their chunk framing, up to and without the last chunk;
   * `tunnel`: HTTP ended with this head, pieces are raw bytes until the engine ends its side.
   */
  onHead(head: AnswerHead): "decoded" | "framed" | "tunnel";
  /** The piece is valid during the call only. `isLast`: the caller would know that nothing follows. */
  onPiece(piece: Buffer, isLast: boolean): void;
  onEnd(): void;
}

type State = "head" | "length" | "size" | "data" | "data-end" | "trailer" | "until-close" | "tunnel" | "done";

const maxHeadBytes = 256 * 1024;
const maxLineBytes = 4096;
const emptyLine = Buffer.from("\r\n\r\n");
const noBytes: Buffer = Buffer.alloc(0);

export class AnswerReader {
  readonly #handler: AnswerHandler;
  readonly #isHeadRequest: boolean;
  readonly #parseHead: ReadHead;
  #state: State = "head";
  #isFramed = false;
  /** Start of a head or line that has not ended yet. */
  #pending: Buffer = noBytes;
  #left = 0;
  /** Framed: where the bytes start that have been read but not passed on. */
  #from = 0;

  /** @param readHead of the connection, which may have read this head before */
  constructor(handler: AnswerHandler, requestMethod: string, readHead: ReadHead) {
    this.#handler = handler;
    this.#parseHead = readHead;
    this.#isHeadRequest = requestMethod === "HEAD";
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /** @returns whether the head has been read */
  get hasHead(): boolean {
    return this.#state !== "head";
  }

  /** @throws PlimsollError ENGINE_ANSWER_INVALID */
  feed(bytes: Buffer): void {
    let at = 0;
    this.#from = 0;
    while (at < bytes.length && this.#state !== "done") at = this.#step(bytes, at);
    this.#pass(bytes, at);
    if (at < bytes.length) throw unreadable("bytes after the end of the answer");
  }

  /** The engine ended its side. @returns whether the answer was whole */
  finish(): boolean {
    if (this.#state === "until-close" || this.#state === "tunnel") this.#end();
    return this.#state === "done";
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(bytes, at);
      case "length":
        return this.#readCounted(bytes, at);
      case "size":
        return this.#readSize(bytes, at);
      case "data":
        return this.#readChunk(bytes, at);
      case "data-end":
        return this.#readDataEnd(bytes, at);
      case "trailer":
        return this.#readTrailer(bytes, at);
      default:
        this.#handler.onPiece(at === 0 ? bytes : bytes.subarray(at), false);
        return bytes.length;
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#pending.length;
    const all = before === 0 ? bytes.subarray(at) : Buffer.concat([this.#pending, bytes.subarray(at)]);
    const end = all.indexOf(emptyLine);
    if (all.length > maxHeadBytes && (end < 0 || end > maxHeadBytes)) throw unreadable("a head without end");
    if (end < 0) {
      this.#pending = Buffer.from(all);
      return bytes.length;
    }
    this.#pending = noBytes;
    const { head, length } = this.#parseHead(all.toString("latin1", 0, end), this.#isHeadRequest);
    if (head.status >= 200 || head.status === 101) this.#begin(head, length);
    this.#from = at + end + 4 - before;
    return this.#from;
  }

  #begin(head: AnswerHead, length: number): void {
    const wanted = this.#handler.onHead(head);
    this.#isFramed = wanted === "framed" && head.framing === "chunked";
    this.#left = length;
    if (wanted === "tunnel") this.#state = "tunnel";
    else if (head.framing === "chunked") this.#state = "size";
    else if (head.framing === "until-close") this.#state = "until-close";
    else if (head.framing === "length" && length > 0) this.#state = "length";
    else this.#end();
  }

  #readCounted(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const isLast = this.#left === 0;
    this.#handler.onPiece(bytes.subarray(at, end), isLast);
    if (isLast) this.#end();
    return end;
  }

  #readSize(bytes: Buffer, at: number): number {
    const { line, next, isSplit } = this.#takeLine(bytes, at);
    if (line === undefined) return next;
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) throw unreadable("a chunk without size");
    this.#left = Number.parseInt(size, 16);
    if (this.#left === 0) this.#pass(bytes, at);
    else if (isSplit) this.#passLine(line, next);
    this.#state = this.#left === 0 ? "trailer" : "data";
    return next;
  }

  #readChunk(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (!this.#isFramed) this.#handler.onPiece(bytes.subarray(at, end), false);
    if (this.#left === 0) this.#state = "data-end";
    return end;
  }

  #readDataEnd(bytes: Buffer, at: number): number {
    const { line, next, isSplit } = this.#takeLine(bytes, at);
    if (line === undefined) return next;
    if (line !== "") throw unreadable("a chunk longer than its size");
    this.#state = "size";
    if (isSplit) this.#passLine(line, next);
    return next;
  }

  #readTrailer(bytes: Buffer, at: number): number {
    const { line, next } = this.#takeLine(bytes, at);
    if (line === "") this.#end();
    return next;
  }

  /** Framed: passes what has been read up to `end` in one piece. */
  #pass(bytes: Buffer, end: number): void {
    if (!this.#isFramed || this.#state === "trailer" || this.#state === "done") return;
    if (end > this.#from) this.#handler.onPiece(bytes.subarray(this.#from, end), false);
    this.#from = bytes.length;
  }

  /** Framed: a line whose start came with the bytes before these. */
  #passLine(line: string, next: number): void {
    if (!this.#isFramed) return;
    this.#handler.onPiece(Buffer.from(`${line}\r\n`, "latin1"), false);
    this.#from = next;
  }

  #takeLine(bytes: Buffer, at: number): { line: string | undefined; next: number; isSplit: boolean } {
    const end = bytes.indexOf(0x0a, at);
    const next = end < 0 ? bytes.length : end + 1;
    const piece = bytes.subarray(at, next);
    const isSplit = this.#pending.length > 0;
    const line = isSplit ? Buffer.concat([this.#pending, piece]) : piece;
    if (line.length > maxLineBytes) throw unreadable("a line without end");
    if (end < 0) {
      this.#pass(bytes, at);
      this.#pending = Buffer.from(line);
      return { line: undefined, next, isSplit };
    }
    this.#pending = noBytes;
    if (line.length < 2 || line[line.length - 2] !== 0x0d) throw unreadable("a line that ends without CR");
    return { line: line.toString("latin1", 0, line.length - 2), next, isSplit };
  }

  #end(): void {
    this.#state = "done";
    this.#handler.onEnd();
  }
}
