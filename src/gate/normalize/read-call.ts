// An exchange -> the call it means. Small bodies are read here; tar streams are left to flow.

import type { EngineDescription } from "../../engine/engine.ts";
import type { Call } from "../call.ts";
import type { Exchange } from "../exchange.ts";
import { normalizeBody, normalizeHead } from "./normalize.ts";

/** What was read of a body, and how much might have been. */
export type CallBytes = { readonly bytes: Uint8Array; readonly maxBytes: number };

/** @throws Refusal when the request is no unambiguous call of the engine's API */
export async function readCall(
  exchange: Exchange,
  engine: EngineDescription,
): Promise<{ readonly call: Call; readonly read: CallBytes }> {
  const draft = normalizeHead(exchange.head, engine, exchange.profile);
  const isStream = draft.expects === "stream";
  const bytes = isStream ? new Uint8Array() : await exchange.readBody(draft.maxBodyBytes);
  return { call: normalizeBody(draft, bytes), read: { bytes, maxBytes: draft.maxBodyBytes } };
}
