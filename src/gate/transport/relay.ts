// One request to the engine and its answer to the caller, whatever happens to either side on the way.

import { errorText, PlimsollError } from "../../base/errors.ts";
import type { AuditOutcome } from "../../model/audit.ts";
import type { ResponsePlan } from "../call.ts";
import { type AnswerBody, answerBody } from "./answer-body.ts";
import type { AnswerHead } from "./answer-head.ts";
import { BulkBuffers } from "./bulk-buffers.ts";
import type { CallerSide, RawSide } from "./caller-side.ts";
import type { EngineConnection, EngineListener } from "./engine-connection.ts";
import type { EnginePool } from "./engine-pool.ts";
import { messageBody } from "./message-body.ts";
import { widenForBulk } from "./socket-handle.ts";
import { agreementHeaders, isAgreement, openTunnel, type Tunnel } from "./tunnel.ts";

export type RelayOptions = {
  readonly pool: EnginePool;
  readonly method: string;
  /** Request line and headers for the engine, ready to be written. */
  readonly head: string;
  readonly bytes?: Uint8Array;
  /** The rest of a request that streams; undefined when `bytes` is all. */
  readonly upload?: Upload;
  readonly plan: ResponsePlan;
  readonly caller: CallerSide;
  /** Turns to the bare socket for an answer that is worth it; undefined when this caller cannot. */
  readonly takeRawSide?: () => RawSide;
  /** A request that nobody understood (observe): the engine may hijack the connection without an Upgrade header. */
  readonly mayHijack?: boolean;
  readonly counts: { bytesIn: number; bytesOut: number };
  readonly elapsedMs: () => number;
  readonly beforeEnd: (outcome: AuditOutcome) => Promise<void>;
};

/** Writes a request body to the engine. */
export interface Upload {
  /** @returns whether all has been written, or it was stopped. @throws what refuses the upload; PlimsollError when the caller went away */
  run(connection: EngineConnection): Promise<boolean>;
  stop(): void;
}

type End = AuditOutcome["end"];

/** Engines send these for archives; nothing else is long enough to be worth its own connection. */
const bulkTypes: ReadonlySet<string> = new Set(["application/x-tar", "application/octet-stream"]);
/** A read that fills half of the shared buffer is part of something large. */
const bulkFromBytes = 64 * 1024;

export class Relay implements EngineListener {
  readonly #options: RelayOptions;
  readonly #done: Promise<AuditOutcome>;
  #resolve: (outcome: AuditOutcome) => void = ignore;
  #reject: (error: unknown) => void = ignore;
  #caller: CallerSide;
  #connection: EngineConnection | undefined;
  #head: AnswerHead | undefined;
  #body: AnswerBody | undefined;
  #bulk: BulkBuffers | undefined;
  #tunnel: Tunnel | undefined;
  #pending: Uint8Array[] = [];
  #hasAnswerEnded = false;
  #isUploading = false;
  #isRequestWhole = true;
  #isSettled = false;
  #mayRetry: boolean;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#caller = options.caller;
    this.#mayRetry = (options.method === "GET" || options.method === "HEAD") && options.upload === undefined;
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** @returns how it ended. @throws what an upload's inspection refused (nothing was answered then), or what `beforeEnd` threw */
  run(): Promise<AuditOutcome> {
    this.#watchCaller();
    const idle = this.#options.pool.takeIdle();
    if (idle !== undefined) this.#ask(idle);
    else this.#openAndAsk();
    return this.#done;
  }

  #watchCaller(): void {
    this.#caller.onGone(() => this.#settle("client-gone"));
  }

  #openAndAsk(): void {
    this.#mayRetry = false;
    this.#options.pool.open().then(
      (connection) => (this.#isSettled ? connection.destroy() : this.#ask(connection)),
      (error: unknown) => this.#fail(error),
    );
  }

  #ask(connection: EngineConnection): void {
    const { method, head, bytes, upload } = this.#options;
    this.#connection = connection;
    connection.ask(method, head, bytes, this);
    if (upload !== undefined) this.#upload(upload, connection);
  }

  #upload(upload: Upload, connection: EngineConnection): void {
    this.#isUploading = true;
    upload.run(connection).then(
      (isWhole) => {
        this.#isUploading = false;
        this.#isRequestWhole = isWhole;
        if (this.#hasAnswerEnded) void this.#finish();
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  onHead(head: AnswerHead): "decoded" | "framed" | "tunnel" {
    this.#head = head;
    this.#mayRetry = false;
    const mayHijack = this.#options.plan.kind === "tunnel" || (this.#options.mayHijack === true && !this.#isUploading);
    if (mayHijack && isAgreement(head)) return this.#openTunnel(head);
    if (head.status === 101) throw unasked();
    this.#body = answerBody(this.#options.plan, head.status, this.#options.pool.answers);
    if (this.#body.changesLength) return "decoded";
    if (this.#caller.isRaw) return "framed";
    if (!bulkTypes.has(head.contentType) || this.#isUploading || this.#options.takeRawSide === undefined)
      return "decoded";
    this.#turnRaw(this.#options.takeRawSide());
    return "framed";
  }

  #turnRaw(raw: RawSide): void {
    this.#caller = raw;
    this.#watchCaller();
  }

  #openTunnel(head: AnswerHead): "tunnel" {
    const { takeRawSide, counts } = this.#options;
    if (this.#connection === undefined || takeRawSide === undefined) throw unasked();
    const raw = takeRawSide();
    if (!this.#caller.isRaw) this.#turnRaw(raw);
    raw.sendHead(head.status, head.reason, agreementHeaders(head));
    this.#tunnel = openTunnel(raw.socket, this.#connection, counts);
    return "tunnel";
  }

  onPiece(piece: Buffer): void {
    if (this.#tunnel !== undefined) {
      this.#options.counts.bytesOut += piece.length;
      this.#tunnel.write(piece);
      return;
    }
    try {
      const out = this.#body?.push(piece);
      if (out === undefined || out.length === 0) return;
      const isOurs = out !== piece || this.#bulk?.owns(piece) === true;
      this.#pending.push(isOurs ? out : Buffer.from(out));
    } catch (error) {
      this.#fail(error);
    }
  }

  onTurn(): void {
    if (this.#hasAnswerEnded || this.#isSettled || this.#head === undefined || this.#tunnel !== undefined) return;
    if (this.#body?.changesLength === true && this.#pending.length === 0 && this.#options.plan.kind === "json") return;
    if (!this.#caller.hasSentHead) this.#sendHead(undefined);
    const bytes = this.#takePending();
    // A caller that waits for something to happen (wait, logs, events) is told at once that it is being served.
    if (bytes === undefined) {
      this.#caller.flushHead();
      return;
    }
    const hasRoom = this.#caller.write(bytes, this.#bulk?.hold());
    if (this.#bulk === undefined ? !hasRoom : this.#bulk.isFull) this.#pauseForRoom();
    if (this.#bulk === undefined && this.#caller.isRaw && bytes.length >= bulkFromBytes) this.#readInBulk();
  }

  /** From here on it pays to read into buffers of its own, which need no copy. */
  #readInBulk(): void {
    const bulk = new BulkBuffers();
    this.#bulk = bulk;
    const raw = this.#options.takeRawSide?.();
    if (raw !== undefined) widenForBulk(raw.socket);
    this.#connection?.readInto(() => bulk.next());
  }

  #pauseForRoom(): void {
    this.#connection?.pause();
    if (this.#bulk === undefined) this.#caller.onceDrained(() => this.#connection?.resume());
    else this.#bulk.onRoom(() => this.#connection?.resume());
  }

  onEnd(): void {
    this.#hasAnswerEnded = true;
    // An answer that comes before the upload is through ends the upload: the engine has heard enough.
    if (this.#isUploading) this.#options.upload?.stop();
    else void this.#finish();
  }

  onBroken(error: Error): void {
    if (this.#isSettled) return;
    if (this.#mayRetry) this.#openAndAsk();
    else this.#fail(error);
  }

  async #finish(): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const tunnel = this.#tunnel;
    if (tunnel !== undefined) return this.#close("complete", () => tunnel.end());
    const connection = this.#connection;
    try {
      const last = this.#body?.finish();
      const left = last instanceof Promise ? await last : last;
      if (left !== undefined) this.#pending.push(left);
    } catch (error) {
      this.#isSettled = false;
      this.#fail(error);
      return;
    }
    if (connection !== undefined) this.#release(connection);
    const bytes = this.#takePending();
    if (!this.#caller.hasSentHead) this.#sendHead(bytes?.length ?? 0);
    await this.#close("complete", () => this.#caller.end(bytes));
  }

  #release(connection: EngineConnection): void {
    if (this.#head?.keepsAlive === true && this.#isRequestWhole) this.#options.pool.giveBack(connection);
    else connection.destroy();
  }

  /** Something ended before its time. */
  #settle(end: End): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#connection?.destroy();
    this.#options.upload?.stop();
    void this.#close(end, () => this.#caller.destroy());
  }

  /** The engine is not there, went away or answered what cannot be passed on. */
  #fail(error: unknown): void {
    if (this.#isSettled) return;
    if (this.#caller.hasSentHead) {
      this.#settle("engine-gone");
      return;
    }
    this.#isSettled = true;
    this.#connection?.destroy();
    this.#options.upload?.stop();
    const failure = error instanceof PlimsollError ? error : engineGone(error);
    const body = messageBody(`${failure.message}; ${failure.hint}`);
    this.#pending = [];
    this.#head = undefined;
    this.#options.counts.bytesOut = body.length;
    this.#caller.sendHead(502, "Bad Gateway", [
      "Content-Type",
      "application/json",
      "Content-Length",
      String(body.length),
    ]);
    void this.#close(
      failure.code === "ENGINE_ANSWER_INVALID" ? "refused" : "engine-gone",
      () => this.#caller.end(body),
      502,
    );
  }

  /** The inspection of an upload said no, or the caller stopped sending. */
  #refuse(error: unknown): void {
    if (this.#isSettled) return;
    if (this.#hasAnswerEnded) return void this.#finish();
    if (this.#caller.hasSentHead) {
      this.#settle("refused");
      return;
    }
    this.#isSettled = true;
    this.#connection?.destroy();
    this.#reject(error);
  }

  async #close(end: End, answer: () => void, status = this.#head?.status ?? 0): Promise<void> {
    const { counts, elapsedMs, beforeEnd } = this.#options;
    const seen = this.#caller.hasSentHead ? status : 0;
    const outcome: AuditOutcome = { status: seen, ...counts, durationMs: elapsedMs(), end };
    try {
      await beforeEnd(outcome);
      answer();
      this.#resolve(outcome);
    } catch (error) {
      this.#caller.destroy();
      this.#reject(error);
    }
  }

  /** @param wholeLength bytes of the whole body, when it is known before the head goes out */
  #sendHead(wholeLength: number | undefined): void {
    const head = this.#head;
    if (head === undefined) return;
    if (this.#caller.isRaw && this.#body?.changesLength !== true) {
      const framing = head.framing === "chunked" ? ["Transfer-Encoding", "chunked"] : [];
      this.#caller.sendHead(head.status, head.reason, [...head.endToEnd, ...framing, "Connection", "close"]);
      return;
    }
    const changesLength = this.#body?.changesLength === true || (wholeLength !== undefined && head.framing !== "none");
    const headers = [...(changesLength ? head.withoutLength : head.endToEnd)];
    if (changesLength && wholeLength !== undefined) headers.push("Content-Length", String(wholeLength));
    if (this.#caller.isRaw) headers.push("Connection", "close");
    const comesInPieces = changesLength && wholeLength === undefined && head.framing !== "none";
    this.#caller.sendHead(head.status, head.reason, headers, comesInPieces);
  }

  #takePending(): Uint8Array | undefined {
    const pieces = this.#pending;
    if (pieces.length === 0) return undefined;
    this.#pending = [];
    const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    this.#options.counts.bytesOut += bytes.length;
    return bytes;
  }
}

function engineGone(cause: unknown): PlimsollError {
  return new PlimsollError("ENGINE_UNREACHABLE", `the engine went away before it answered: ${errorText(cause)}`, {
    hint: "look at the engine's own log, then try again",
    cause,
  });
}

function unasked(): PlimsollError {
  return new PlimsollError(
    "ENGINE_ANSWER_INVALID",
    "the engine turned the connection into a stream that nobody asked for",
    {
      hint: "look at the engine's own log",
    },
  );
}

function ignore(): void {}
