// What happens to the bytes of an engine's answer on their way to the caller, one kind for each response plan.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { decodeJson, encodeJson } from "../../base/json.ts";
import type { JsonValue } from "../../model/json.ts";
import type { ResponsePlan } from "../call.ts";
import type { AnswerMemory } from "./answer-memory.ts";

export interface AnswerBody {
  /** The content changes its length: the engine's Content-Length is not true any more. */
  readonly changesLength: boolean;
  /** @returns what may go to the caller now; valid as long as `piece` is. @throws PlimsollError ENGINE_ANSWER_INVALID */
  push(piece: Buffer): Uint8Array | undefined;
  /** @returns what is left. @throws PlimsollError ENGINE_ANSWER_INVALID */
  finish(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** Largest answer that is filtered as one document. */
export const maxJsonAnswerBytes = 64 * 1024 * 1024;
/** Largest record of a filtered stream. */
const maxRecordBytes = 4 * 1024 * 1024;
const maxAnswerDepth = 256;

/** Error answers hold a message and nothing to filter: they pass. */
export function answerBody(plan: ResponsePlan, status: number, memory: AnswerMemory): AnswerBody {
  const isSuccess = status >= 200 && status < 300;
  if (plan.kind === "json" && isSuccess) return jsonBody(plan, memory);
  if (plan.kind === "records" && isSuccess) return recordsBody(plan);
  return untouchedBody;
}

const untouchedBody: AnswerBody = { changesLength: false, push: (piece) => piece, finish: () => undefined };

type JsonPlan = Extract<ResponsePlan, { kind: "json" }>;

function jsonBody(plan: JsonPlan, memory: AnswerMemory): AnswerBody {
  const pieces: Buffer[] = [];
  let length = 0;
  return {
    changesLength: true,
    push(piece) {
      length += piece.length;
      if (length > maxJsonAnswerBytes) throw withheld(`it is longer than ${maxJsonAnswerBytes} bytes`);
      pieces.push(Buffer.from(piece));
      return undefined;
    },
    finish() {
      if (length === 0) return undefined;
      const document = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
      if (isUsual(plan, document)) return document;
      return withholding(() => changedAnswer(plan, document, memory));
    },
  };
}

/** Longer answers are read whole. */
const maxGlanceBytes = 256;

function isUsual({ glance }: JsonPlan, document: Buffer): boolean {
  return glance !== undefined && document.length <= maxGlanceBytes && glance(document.toString("latin1"));
}

async function changedAnswer(plan: JsonPlan, document: Buffer, memory: AnswerMemory): Promise<Uint8Array> {
  const known = plan.basis === undefined ? undefined : memory.find(document);
  const value = known?.value ?? decodeAnswer(document, maxJsonAnswerBytes);
  const basis = await plan.basis?.(value);
  if (basis !== undefined && known?.basis === basis) return known.changed;
  const shown = await plan.change(value);
  // What was only listened to goes on as the engine wrote it.
  const changed = shown === value ? document : encodeJson(shown);
  if (basis !== undefined) memory.keep({ document, value, basis, changed });
  return changed;
}

type RecordsPlan = Extract<ResponsePlan, { kind: "records" }>;

function recordsBody({ change, last }: RecordsPlan): AnswerBody {
  let rest: Buffer = Buffer.alloc(0);
  const changeAll = (bytes: Buffer, isEnd: boolean): Uint8Array | undefined => {
    const kept: Uint8Array[] = [];
    let at = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, at)) {
      pushRecord(kept, bytes.subarray(at, end + 1), change);
      at = end + 1;
    }
    rest = Buffer.from(bytes.subarray(at));
    if (rest.length > maxRecordBytes) throw withheld(`a record is longer than ${maxRecordBytes} bytes`);
    if (isEnd && rest.length > 0) pushRecord(kept, rest, change);
    return kept.length === 0 ? undefined : Buffer.concat(kept);
  };
  return {
    changesLength: true,
    push: (piece) => changeAll(rest.length === 0 ? piece : Buffer.concat([rest, piece]), false),
    finish: () => (last === undefined ? changeAll(rest, true) : withLast(changeAll(rest, true), last)),
  };
}

async function withLast(
  left: Uint8Array | undefined,
  last: () => Promise<readonly JsonValue[]>,
): Promise<Uint8Array | undefined> {
  const records = (await last()).flatMap((record) => [encodeJson(record), lineEnd]);
  const bytes = [...(left === undefined ? [] : [left]), ...records];
  return bytes.length === 0 ? undefined : Buffer.concat(bytes);
}

const lineEnd = Buffer.from("\r\n");
const recordSeparator = 0x1e;

/** Keeps the frame: the separator that RFC 7464 puts before a record, and the line end behind it. */
function pushRecord(kept: Uint8Array[], line: Buffer, change: (value: JsonValue) => JsonValue | undefined): void {
  const start = line[0] === recordSeparator ? 1 : 0;
  const text = line.subarray(start);
  if (isBlank(text)) return;
  try {
    const changed = change(decodeAnswer(text, maxRecordBytes));
    if (changed === undefined) return;
    if (start === 1) kept.push(line.subarray(0, 1));
    kept.push(encodeJson(changed));
    kept.push(text.subarray(lineEndOf(text)));
  } catch (cause) {
    throw withheld(errorText(cause), cause);
  }
}

function lineEndOf(text: Buffer): number {
  if (text.at(-1) !== 0x0a) return text.length;
  return text.at(-2) === 0x0d ? text.length - 2 : text.length - 1;
}

function isBlank(text: Buffer): boolean {
  return text.every((byte) => byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09);
}

/** The engine writes Go maps: keys that differ in case are different keys there. */
function decodeAnswer(bytes: Uint8Array, maxBytes: number): JsonValue {
  return decodeJson(bytes, { maxBytes, maxDepth: maxAnswerDepth, duplicates: "exact" });
}

async function withholding<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw withheld(errorText(cause), cause);
  }
}

function withheld(why: string, cause?: unknown): PlimsollError {
  return new PlimsollError(
    "ENGINE_ANSWER_INVALID",
    `the engine's answer was withheld, because it could not be filtered: ${why}`,
    {
      hint: "report it with the engine's version",
      cause,
    },
  );
}
