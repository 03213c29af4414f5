// An exchange -> the call it means. Small bodies are read here; tar streams are left to flow.

import type { EngineDescription } from "../../engine/engine.ts";
import type { Call } from "../call.ts";
import type { Exchange } from "../exchange.ts";
import { normalizeBody, normalizeHead } from "./normalize.ts";

/** @throws Refusal when the request is no unambiguous call of the engine's API */
export async function readCall(exchange: Exchange, engine: EngineDescription): Promise<Call> {
  const draft = normalizeHead(exchange.head, engine, exchange.profile);
  const bytes = draft.expects === "stream" ? new Uint8Array() : await exchange.readBody(draft.maxBodyBytes);
  return normalizeBody(draft, bytes);
}
