// Runs a request through the gate's grammar alone: what the engine would be sent, or the rule that refused.

import { PlimsollError } from "../../src/base/errors.ts";
import type { EngineDescription } from "../../src/engine/engine.ts";
import type { EngineRequest, ListenerProfile } from "../../src/gate/call.ts";
import { normalizeBody, normalizeHead } from "../../src/gate/normalize/normalize.ts";
import { toEngineRequest } from "../../src/gate/normalize/to-engine-request.ts";
import { Refusal } from "../../src/gate/refusal.ts";

export type Words = {
  readonly method?: string;
  readonly target: string;
  /** Strings and bytes go as they are. */
  readonly body?: string | Uint8Array;
  /** Name, value, name, value; the default describes the body as JSON. */
  readonly headers?: readonly string[];
  readonly httpVersion?: string;
  readonly unknownFields?: ListenerProfile["unknownFields"];
  readonly engine?: Partial<EngineDescription>;
};

export type Understood =
  | { readonly refused: string; readonly status: number; readonly message: string }
  | {
      readonly method: string;
      readonly target: string;
      readonly action: string;
      /** The JSON that the engine gets, as text; "" for none, "<stream>" for bytes that flow. */
      readonly body: string;
      readonly headers: EngineRequest["headers"];
    };

const engine: EngineDescription = {
  kind: "docker",
  socket: "/run/docker.sock",
  version: "20.10.24",
  apiVersion: "1.41",
  minApiVersion: "1.12",
  os: "linux",
  arch: "amd64",
  dataRoot: "/var/lib/docker",
};

const profile: ListenerProfile = {
  name: "test",
  transport: "unix",
  mode: "enforce",
  unknownFields: "refuse",
  policies: [],
  identity: [],
};

export function understand(words: Words): Understood {
  const bytes = typeof words.body === "string" ? Buffer.from(words.body) : (words.body ?? new Uint8Array());
  const described = ["Content-Type", "application/json", "Content-Length", String(bytes.byteLength)];
  const head = {
    method: words.method ?? (words.body === undefined ? "GET" : "POST"),
    target: words.target,
    httpVersion: words.httpVersion ?? "1.1",
    rawHeaders: words.headers ?? (words.body === undefined ? [] : described),
  };
  try {
    const known = { ...profile, unknownFields: words.unknownFields ?? profile.unknownFields };
    const call = normalizeBody(normalizeHead(head, { ...engine, ...words.engine }, known), bytes);
    const request = toEngineRequest(call);
    return {
      method: request.method,
      target: request.target,
      action: call.route.action,
      body: textOf(request.body),
      headers: request.headers,
    };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    const isRefusal = thrown instanceof Refusal;
    return {
      refused: isRefusal ? thrown.rule : thrown.code,
      status: isRefusal ? thrown.status : 0,
      message: thrown.message,
    };
  }
}

/** `POST /v1.41/x BODY`, or `400 request/rule`. */
export function verdict(words: Words): string {
  const result = understand(words);
  if ("refused" in result) return `${result.status} ${result.refused}`;
  return [result.method, result.target, result.body].filter((part) => part !== "").join(" ");
}

function textOf(body: EngineRequest["body"]): string {
  if (body.kind === "none") return "";
  return body.kind === "stream" ? "<stream>" : new TextDecoder().decode(body.bytes);
}
