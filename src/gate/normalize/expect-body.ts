// What body a call may carry, decided from its head alone: whether, how long, and of which media type.
// Source: moby/moby, daemon/server/httputils/httputils.go (CheckForJSON, ParseForm: form bodies override the query).

import type { Route } from "../../engine/route.ts";
import type { BodyHead } from "./headers.ts";
import type { Query } from "./query.ts";
import { quoted, refused } from "./refused.ts";

export type ExpectedBody = { readonly expects: "none" | "json" | "stream"; readonly maxBodyBytes: number };

/** The engine's own limit since 29.3.1. */
const maxJsonBytes = 4 * 1024 * 1024;
/** Bodies that a route does not have are read only to see that they say nothing. */
const maxIgnoredBytes = 64 * 1024;

/** @throws Refusal */
export function expectBody(route: Route, query: Query, body: BodyHead): ExpectedBody {
  const expected = expectedOf(route, query);
  if (body.length === 0) return expected;
  checkMediaType(expected, body.mediaType);
  if (body.isEncoded && expected.expects !== "stream") throw encoded();
  if ((body.length ?? 0) > expected.maxBodyBytes) {
    throw refused({
      code: "LIMIT_EXCEEDED",
      slug: "body-too-long",
      status: 413,
      reason: `body: ${body.length} bytes, at most ${expected.maxBodyBytes} for this call`,
      hint: "send less",
    });
  }
  return expected;
}

function expectedOf(route: Route, query: Query): ExpectedBody {
  if (route.body.kind === "json") return { expects: "json", maxBodyBytes: maxJsonBytes };
  if (route.body.kind === "none" || !takesUpload(route, query))
    return { expects: "none", maxBodyBytes: maxIgnoredBytes };
  return { expects: "stream", maxBodyBytes: Number.MAX_SAFE_INTEGER };
}

/** An import or a build whose bytes are elsewhere has no body. */
function takesUpload(route: Route, query: Query): boolean {
  if (route.action === "image.import") return query["fromSrc"]?.[0] === "-";
  if (route.id === "ImageBuild") return query["remote"] === undefined;
  return true;
}

/** Form bodies override the query in every engine, so they are refused on every route. */
function checkMediaType(expected: ExpectedBody, mediaType: string): void {
  const isForm = mediaType === "application/x-www-form-urlencoded" || mediaType.startsWith("multipart/");
  const isWrong = expected.expects === "json" && mediaType !== "application/json";
  if (!isForm && !isWrong) return;
  throw refused({
    slug: "media-type",
    status: 415,
    reason: `content-type ${quoted(mediaType)}: expected ${expected.expects === "json" ? "application/json" : "no form"}`,
    hint: expected.expects === "json" ? "send Content-Type: application/json" : "put parameters into the query string",
  });
}

function encoded(): Error {
  return refused({
    slug: "content-encoding",
    status: 415,
    reason: "content-encoding: the engine ignores it and would read the bytes as they are",
    hint: "send the body without Content-Encoding",
  });
}
