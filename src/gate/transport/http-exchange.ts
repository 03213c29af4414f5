// One request that Node's HTTP server read, as the Exchange that the pipeline works with.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { limitExceeded, malformed, type PlimsollError } from "../../base/errors.ts";
import type { AuditOutcome } from "../../model/audit.ts";
import type { PeerConnection } from "../../model/connection.ts";
import type { EngineRequest, ListenerProfile, RequestHead, ResponsePlan } from "../call.ts";
import type { Exchange } from "../exchange.ts";
import { Refusal } from "../refusal.ts";
import type { InspectedTar } from "../uploads/inspected-tar.ts";
import { keptSide, type RawSide, rawSide } from "./caller-side.ts";
import type { EnginePool } from "./engine-pool.ts";
import { requestForEngine, untouchedRequest } from "./engine-request.ts";
import { messageBody } from "./message-body.ts";
import { Relay, type RelayOptions, type Upload } from "./relay.ts";
import { splicedUpload } from "./spliced-upload.ts";
import { takeSocket } from "./take-socket.ts";
import { isWorthTaking, takeUpload } from "./take-upload.ts";
import { upload } from "./upload.ts";

export type ExchangeParts = {
  readonly profile: ListenerProfile;
  readonly peer: PeerConnection;
  readonly pool: EnginePool;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The caller waits for `100 Continue` before it sends its body. */
  readonly awaitsContinue: boolean;
};

type BeforeEnd = (outcome: AuditOutcome) => Promise<void>;

/** A caller that announced a small body and sends nothing for so long is cut. */
const bodyIdleMs = 60_000;
/** Most bytes that observe mode reads of a request that upgrades, before it hands the connection over. */
const maxUpgradeBodyBytes = 4 * 1024 * 1024;

export class HttpExchange implements Exchange {
  readonly profile: ListenerProfile;
  readonly peer: PeerConnection;
  readonly head: RequestHead;
  readonly startedMs: number;
  readonly #parts: ExchangeParts;
  readonly #counts = { bytesIn: 0, bytesOut: 0 };
  readonly #read: Buffer[] = [];
  #isWhole = false;
  #mayContinue: boolean;
  #hasAnswered = false;
  #isForwarded = false;
  #socket: Socket | undefined;
  #raw: RawSide | undefined;

  constructor(parts: ExchangeParts) {
    const { request } = parts;
    this.#parts = parts;
    this.profile = parts.profile;
    this.peer = parts.peer;
    this.startedMs = performance.now();
    this.#mayContinue = parts.awaitsContinue;
    this.head = {
      method: request.method ?? "",
      target: request.url ?? "",
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
    };
  }

  get bytesIn(): number {
    return this.#counts.bytesIn;
  }

  async readBody(maxBytes: number): Promise<Uint8Array> {
    const { request } = this.#parts;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > maxBytes) throw tooLong(maxBytes);
    if (request.complete && !this.#hasBody) return noBytes;
    this.#continue();
    const whole = this.#readWhole();
    const bytes = whole ?? (await readUpTo(request, maxBytes, this.#read, this.#counts));
    if (bytes === undefined || bytes.length > maxBytes) throw tooLong(maxBytes);
    return bytes;
  }

  /** A small body has mostly come with the head: then there is nothing to wait for. */
  #readWhole(): Buffer | undefined {
    const { request } = this.#parts;
    const length = Number(request.headers["content-length"] ?? 0);
    const isHere = length > 0 && request.readableLength === length;
    if (!isHere || request.readableFlowing !== null || this.#read.length > 0) return undefined;
    const bytes: unknown = request.read();
    request.resume(); // for its end
    if (!Buffer.isBuffer(bytes) || bytes.length !== length) throw malformed("request body", "it came in pieces");
    this.#read.push(bytes);
    this.#counts.bytesIn += length;
    this.#isWhole = true;
    return bytes;
  }

  /** What was read whole has its end as soon as the parser goes on. */
  async #ended(): Promise<void> {
    const { request } = this.#parts;
    if (!this.#isWhole || request.complete || request.destroyed) return;
    await new Promise<void>((resolve) => {
      request.once("end", resolve);
      request.once("close", resolve);
    });
  }

  async refuse(status: number, message: string): Promise<AuditOutcome> {
    const { request } = this.#parts;
    await this.#ended();
    const body = messageBody(message);
    // Who asked for a stream may go on as if there were one: those bytes must never be read as requests.
    const mayBeKept = request.complete && request.headers.upgrade === undefined && this.#socket === undefined;
    const caller = mayBeKept ? keptSide(this.#parts.response) : this.#takeRawSide();
    if (this.#parts.response.headersSent || (caller.isRaw && this.#hasAnswered)) {
      caller.destroy();
      return this.#outcome(0, "refused");
    }
    this.#hasAnswered = true;
    const headers = ["Content-Type", "application/json", "Content-Length", String(body.length)];
    caller.sendHead(status, reasonOf(status), caller.isRaw ? [...headers, "Connection", "close"] : headers);
    if (this.head.method === "HEAD") caller.end();
    else caller.end(body);
    this.#counts.bytesOut = body.length;
    return this.#outcome(status, "refused");
  }

  async forward(request: EngineRequest, plan: ResponsePlan, beforeEnd: BeforeEnd): Promise<AuditOutcome> {
    this.#startForward();
    const isTunnel = plan.kind === "tunnel";
    if (isTunnel) await this.#prepareTunnel();
    const prepare = () => requestForEngine(request, this.head, isTunnel);
    const { sameHead } = request;
    const prepared = sameHead === undefined ? prepare() : this.#parts.pool.prepared(sameHead, prepare);
    const body = request.body;
    this.#continue();
    const upload = body.kind === "stream" ? await this.#uploadFor(prepared.isChunked, plan, body.inspect) : undefined;
    return this.#relay({
      method: request.method,
      head: prepared.head,
      plan,
      beforeEnd,
      ...(body.kind === "bytes" ? { bytes: body.bytes } : {}),
      ...(upload === undefined ? {} : { upload }),
    });
  }

  /** A long body of known length takes the short way; the connection closes after the answer. */
  async #uploadFor(isChunked: boolean, plan: ResponsePlan, inspect?: InspectedTar): Promise<Upload> {
    const { request, response } = this.#parts;
    const mayTake = !isChunked && plan.kind !== "tunnel" && inspect?.change === undefined;
    if (!mayTake || this.head.httpVersion !== "1.1" || !isWorthTaking(request)) return this.#upload(isChunked, inspect);
    const taken = await takeUpload(request, response, this.#read);
    this.#socket = taken.caller;
    this.#counts.bytesIn += taken.bytesRead;
    return splicedUpload({ ...taken, counts: this.#counts, ...(inspect === undefined ? {} : { inspect }) });
  }

  async forwardUntouched(beforeEnd: BeforeEnd): Promise<AuditOutcome> {
    this.#startForward();
    const { request } = this.#parts;
    const mayTunnel = request.headers.upgrade !== undefined;
    if (mayTunnel) {
      await this.readBody(maxUpgradeBodyBytes);
      await this.#prepareTunnel();
    }
    this.#continue();
    const prepared = untouchedRequest(this.head, mayTunnel ? Buffer.concat(this.#read).length : undefined);
    return this.#relay({
      method: this.head.method,
      head: prepared.head,
      plan: mayTunnel ? { kind: "tunnel" } : { kind: "pass" },
      beforeEnd,
      ...(mayTunnel ? { bytes: Buffer.concat(this.#read) } : {}),
      mayHijack: this.head.method === "POST",
      ...(!mayTunnel && this.#hasBody ? { upload: this.#upload(prepared.isChunked) } : {}),
    });
  }

  /** The engine may have seen a part of the request: a second try could mean something else to it. */
  #startForward(): void {
    if (this.#isForwarded) throw malformed("request", "it has been sent to the engine already");
    this.#isForwarded = true;
  }

  #relay(
    options: Pick<RelayOptions, "method" | "head" | "plan" | "beforeEnd" | "bytes" | "upload" | "mayHijack">,
  ): Promise<AuditOutcome> {
    const relay = new Relay({
      ...options,
      head: this.#parts.pool.signed(options.head),
      pool: this.#parts.pool,
      caller: this.#socket === undefined ? keptSide(this.#parts.response) : this.#takeRawSide(),
      counts: this.#counts,
      elapsedMs: () => performance.now() - this.startedMs,
      ...(this.head.httpVersion === "1.1" ? { takeRawSide: () => this.#takeRawSide() } : {}),
    });
    return relay.run();
  }

  get #hasBody(): boolean {
    const { headers } = this.#parts.request;
    return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  }

  #upload(isChunked: boolean, inspect?: InspectedTar): Upload {
    return upload({
      request: this.#parts.request,
      before: this.#read,
      isChunked,
      announced: Number(this.#parts.request.headers["content-length"] ?? 0),
      counts: this.#counts,
      ...(inspect === undefined ? {} : { inspect }),
    });
  }

  /** A tunnel needs the bare socket; whatever the engine answers, HTTP on this connection is over. */
  async #prepareTunnel(): Promise<void> {
    if (this.head.httpVersion !== "1.1") throw oldProtocol();
    await this.#ended();
    if (!this.#parts.request.complete) await this.readBody(0);
    this.#socket ??= takeSocket(this.#parts.request, this.#parts.response);
  }

  #takeRawSide(): RawSide {
    this.#socket ??= takeSocket(this.#parts.request, this.#parts.response);
    this.#raw ??= rawSide(this.#socket);
    return this.#raw;
  }

  #continue(): void {
    if (!this.#mayContinue) return;
    this.#mayContinue = false;
    this.#parts.response.writeContinue();
  }

  #outcome(status: number, end: AuditOutcome["end"]): AuditOutcome {
    return { status, ...this.#counts, durationMs: performance.now() - this.startedMs, end };
  }
}

const noBytes = new Uint8Array();

/** @returns undefined when there is more than maxBytes; what was read stays in `read` */
function readUpTo(
  request: IncomingMessage,
  maxBytes: number,
  read: Buffer[],
  counts: { bytesIn: number },
): Promise<Buffer | undefined> {
  let length = read.reduce((sum, piece) => sum + piece.length, 0);
  if (request.readableEnded) return Promise.resolve(Buffer.concat(read));
  return new Promise((resolve, reject) => {
    request.socket.setTimeout(bodyIdleMs);
    const settle = (done: () => void): void => {
      request.socket.setTimeout(0);
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      done();
    };
    const onData = (piece: Buffer): void => {
      read.push(piece);
      length += piece.length;
      counts.bytesIn += piece.length;
      if (length <= maxBytes) return;
      request.pause();
      settle(() => resolve(undefined));
    };
    const onEnd = (): void =>
      settle(() => resolve(read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read)));
    const onClose = (): void => settle(() => reject(malformed("request body", "the caller went away before its end")));
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
  });
}

function tooLong(maxBytes: number): Refusal {
  const cause = limitExceeded("request body", `more than ${maxBytes} bytes`);
  return new Refusal({
    code: cause.code,
    status: 413,
    rule: "request/body-too-long",
    reason: cause.message,
    hint: maxBytes === 0 ? "send no body with this call" : "send less",
    cause,
  });
}

function oldProtocol(): PlimsollError {
  return new Refusal({
    code: "MALFORMED_INPUT",
    status: 400,
    rule: "request/http-version",
    reason: "a stream needs HTTP/1.1, found HTTP/1.0",
    hint: "use a client that speaks HTTP/1.1",
  });
}

function reasonOf(status: number): string {
  return reasons[status] ?? "Refused";
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};
