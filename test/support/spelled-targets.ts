// Random request targets: real routes with names, written in every way that some reader of URLs might take for another.

import fc from "fast-check";

export type SpelledTarget = { readonly method: string; readonly target: string; readonly headers: readonly string[] };

/** Calls that answer at once and change nothing, whatever is done to their path. */
const calls: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/containers/json"],
  ["GET", "/containers/NAME/json"],
  ["GET", "/containers/NAME/top"],
  ["GET", "/containers/NAME/changes"],
  ["GET", "/containers/NAME/archive"],
  ["HEAD", "/containers/NAME/archive"],
  ["POST", "/containers/NAME/kill"],
  ["POST", "/containers/NAME/rename"],
  ["POST", "/containers/NAME/start"],
  ["POST", "/containers/NAME/stop"],
  ["POST", "/containers/NAME/wait"],
  ["POST", "/containers/NAME/resize"],
  ["DELETE", "/containers/NAME"],
  ["GET", "/exec/NAME/json"],
  ["POST", "/exec/NAME/resize"],
  ["GET", "/images/json"],
  ["GET", "/images/NAME/json"],
  ["GET", "/images/r.io/NAME/json"],
  ["GET", "/images/r.io/NAME/history"],
  ["POST", "/images/NAME/tag"],
  ["DELETE", "/images/r.io/NAME"],
  ["GET", "/networks"],
  ["GET", "/networks/NAME"],
  ["DELETE", "/networks/NAME"],
  ["GET", "/volumes"],
  ["GET", "/volumes/NAME"],
  ["DELETE", "/volumes/NAME"],
  ["GET", "/plugins"],
  ["GET", "/plugins/NAME/json"],
  ["POST", "/plugins/NAME/enable"],
  ["GET", "/swarm"],
  ["GET", "/nodes/NAME"],
  ["POST", "/services/NAME/update"],
  ["GET", "/tasks/NAME"],
  ["DELETE", "/secrets/NAME"],
  ["GET", "/_ping"],
  ["HEAD", "/_ping"],
  ["GET", "/version"],
];

const names = fc.constantFrom("nosuch", "json", "create", "a.b", "x_y-z", "abc123", "prune", "NoSuch", "start", "get");
const versions = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("", "/v1.41", "/v1.24", "/v1.30", "/v1.12", "/v1.99") },
  { weight: 1, arbitrary: fc.constantFrom("/v01.41", "/v1", "/V1.41", "/v1.41/v1.41") },
);
const oddQueries = fc.constantFrom(
  ...["", "?all=1", "?all=True&limit=5", "?all=1&all=0", "?%61ll=1", "?all=1;limit=2", "?filters=%7B%7D", "?path=/etc"],
  ...[
    "?x=y",
    "?all",
    "?limit=x",
    "?filters={}",
    "?force=1&v=0",
    "?h=1&w=2",
    "?name=b",
    "?t=1",
    "?all=%zz",
    "?=1",
    "?&&",
  ],
  ...["?filters=%7B%22label%22%3A%5B%22a%22%5D%7D", "?repo=b&tag=c", "#x", "?all=1#x", "?all=1?limit=2", "?all=%00"],
);
const queries = fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary: oddQueries });
const headers = fc.constantFrom<readonly string[]>(
  [],
  ["X-HTTP-Method-Override", "DELETE"],
  ["Upgrade", "tcp", "Connection", "Upgrade, close"],
  ["Content-Type", "application/json"],
  ["X-Original-URL", "/info"],
  ["Accept", "application/json"],
);

const place = fc.nat({ max: 1000 });
const oddEdits = fc.constantFrom(
  ...["upper", "/", "//", "/./", "/../", "%2f", "%2F", "%5c", "\\", "%00", ";", "%3f", "%25", "%2e", ".", "%", "~"],
  ...["%C3%BC", "%c0%af", "%20", "+", ":", "@", "%0a", "end-slash", "absolute", "double"],
);

/** What is done to the text of a path: a place, and what is put or changed there. */
const changes = fc.oneof(
  { weight: 2, arbitrary: fc.array(fc.tuple(place, fc.constant("encode")), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.tuple(place, oddEdits), { maxLength: 2 }) },
);

export const spelledTargets: fc.Arbitrary<SpelledTarget> = fc
  .tuple(fc.constantFrom(...calls), names, versions, queries, headers, changes)
  .map(([[method, path], name, version, query, extra, edits]) => ({
    method,
    target:
      edits.reduce((text, [place, edit]) => change(text, place, edit), version + path.replace("NAME", name)) + query,
    headers: extra,
  }));

function change(path: string, place: number, edit: string): string {
  const at = place % Math.max(path.length, 1);
  const letter = path.charCodeAt(at);
  switch (edit) {
    case "encode":
      return `${path.slice(0, at)}%${letter.toString(16).padStart(2, "0")}${path.slice(at + 1)}`;
    case "upper":
      return `${path.slice(0, at)}${path.charAt(at).toUpperCase()}${path.slice(at + 1)}`;
    case "end-slash":
      return `${path}/`;
    case "absolute":
      return path.startsWith("/") ? `http://docker${path}` : path;
    case "double":
      return path.replaceAll("%", "%25");
    default:
      return path.slice(0, at) + edit + path.slice(at);
  }
}
