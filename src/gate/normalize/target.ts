// The request target -> decoded path segments and the raw query. Every path that Go's router and a stricter reader could
// take for two different things is refused. Source: RFC 9112, section 3.2; net/url and net/http ServeMux (path cleaning).

import { withoutCredentials } from "../../base/redact-url.ts";
import { quoted, refused } from "./refused.ts";

export type Target = { readonly segments: readonly string[]; readonly query: string };

const maxTargetBytes = 64 * 1024;

/** @throws Refusal */
export function readTarget(target: string): Target {
  if (target.length > maxTargetBytes) {
    throw refused({
      slug: "target-length",
      status: 414,
      code: "LIMIT_EXCEEDED",
      reason: `request target: ${target.length} bytes, at most ${maxTargetBytes}`,
      hint: "send less",
    });
  }
  if (!target.startsWith("/")) throw badPath(target, "expected a path that begins with a slash");
  if (!/^[\x21-\x7e]+$/.test(target)) throw badPath(target, "expected visible ASCII characters only");
  if (target.includes("#")) throw badPath(target, "a fragment is not for servers");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return {
    segments: path
      .slice(1)
      .split("/")
      .map((segment) => readSegment(segment, target)),
    query: mark < 0 ? "" : target.slice(mark + 1),
  };
}

function readSegment(raw: string, target: string): string {
  if (raw === "") throw badPath(target, "empty segment");
  const segment = raw.includes("%") ? decodeSegment(raw, target) : raw;
  if (segment === "." || segment === "..") throw badPath(target, "dot segment");
  if (/[/\\%\p{Cc}]/u.test(segment)) {
    throw badPath(target, "a segment that holds a slash, backslash, percent sign or control character");
  }
  return segment;
}

/** Once, and as UTF-8. */
function decodeSegment(raw: string, target: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw badPath(target, "invalid percent-encoding");
  }
}

function badPath(target: string, what: string): Error {
  return refused({
    slug: "path",
    reason: `request path ${quoted(withoutCredentials(target))}: ${what}`,
    hint: "write the path as the API's documentation does, /v1.41/containers/json",
  });
}
