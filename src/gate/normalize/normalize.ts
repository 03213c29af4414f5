// A request as it came -> the one call that it means, or a refusal. Nothing that readers could take for two different
// things gets past here; the engine only ever sees what we write from the result (to-engine-request.ts).

import type { EngineDescription } from "../../engine/engine.ts";
import type { Route } from "../../engine/route.ts";
import { matchRoute, variantOf } from "../../engine/routes.ts";
import type { Call, ListenerProfile, RequestHead } from "../call.ts";
import { takeVersion } from "./api-version.ts";
import { readBody } from "./body.ts";
import { type ExpectedBody, expectBody } from "./expect-body.ts";
import { indexHeaders, keptHeaders, readBodyHead } from "./headers.ts";
import { checkParams } from "./params.ts";
import { type Query, readQuery } from "./query.ts";
import { quoted, refused } from "./refused.ts";
import { readTarget } from "./target.ts";

/** A call whose body has not been read. */
export type CallDraft = {
  readonly route: Route;
  readonly apiVersion: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: Call["headers"];
  /** `none`: whatever comes has to be empty, or a client's habit that says nothing. */
  readonly expects: ExpectedBody["expects"];
  readonly maxBodyBytes: number;
  readonly unknownFields: ListenerProfile["unknownFields"];
};

/** @throws Refusal */
export function normalizeHead(head: RequestHead, engine: EngineDescription, profile: ListenerProfile): CallDraft {
  const target = readTarget(head.target);
  const { apiVersion, segments } = takeVersion(target.segments, engine);
  const matched = matchRoute(head.method, segments);
  if (matched === undefined) throw unknownRoute(head.method, segments);
  const { params } = matched;
  checkParams(matched.route, params);
  checkProtocol(head, matched.route);
  const headers = indexHeaders(head);
  const query = readQuery(matched.route, target.query, profile.unknownFields);
  const route = variantOf(matched.route, query);
  return {
    route,
    apiVersion,
    params,
    query,
    headers: keptHeaders(route, headers),
    ...expectBody(route, query, readBodyHead(headers)),
    unknownFields: profile.unknownFields,
  };
}

/** @param bytes the whole body, for drafts that do not expect a stream. @throws Refusal */
export function normalizeBody(draft: CallDraft, bytes: Uint8Array): Call {
  const { route, apiVersion, params, query, headers } = draft;
  return { route, apiVersion, params, query, headers, body: readBody(draft, bytes) };
}

function unknownRoute(method: string, segments: readonly string[]): Error {
  return refused({
    code: "UNKNOWN_ROUTE",
    slug: "unknown-route",
    status: 403,
    reason: `${method.slice(0, 20)} ${quoted(`/${segments.join("/")}`)}: no such call in the engine's API`,
    hint: "use a call of the Docker Engine API, 1.24 to 1.56",
  });
}

/** HTTP/1.0 has no way to say where a raw stream begins. */
function checkProtocol(head: RequestHead, route: Route): void {
  if (head.httpVersion === "1.1" || (head.httpVersion === "1.0" && route.response.kind !== "hijack")) return;
  throw refused({
    slug: "http-version",
    reason: `HTTP/${head.httpVersion.slice(0, 10)}: expected HTTP/1.1`,
    hint: "use a client that speaks HTTP/1.1",
  });
}
