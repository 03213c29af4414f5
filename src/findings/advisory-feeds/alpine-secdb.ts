// Alpine's fixes: for each origin package, which build fixed what. It lists fixes only: what is unfixed is not in it.
// Source: secdb.alpinelinux.org; gitlab.alpinelinux.org/alpine/infra/docker/secdb.

import { errorText, malformed, PlimsollError } from "../../base/errors.ts";
import { fieldsAt, listAt, textAt, textsAt } from "../../base/reading.ts";
import { yaml } from "../../base/yaml.ts";
import type { Advisory } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readWhole, readWholeJson } from "../feed-formats/whole-file.ts";

const releases = Array.from({ length: 14 }, (_, at) => `v3.${10 + at}`);

export const alpineSecdb: AdvisoryFeed = {
  name: "alpine-secdb",
  summary: "Alpine, releases 3.10 and newer, and edge",
  needs: { network: true },
  baseUrl: "https://secdb.alpinelinux.org",
  files: [...releases, "edge"].flatMap((release) =>
    ["main", "community"].map((repository) => ({
      name: `${release}/${repository}.json`,
      maxBytes: 64 * 1024 * 1024,
    })),
  ),
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    const document = path.endsWith(".json") ? readWholeJson(path) : readYaml(path);
    const release = textAt(document, "distroversion").replace(/^v/, "");
    if (!/^(?:\d+\.\d+|edge)$/.test(release)) throw malformed(file.name, "no release (distroversion)");
    for (const entry of listAt(document, "packages")) {
      const name = textAt(entry, "pkg", "name");
      if (name === "") problem(`${file.name}: a package without a name`);
      else for (const advisory of readPackage(entry, name, release)) yield { kind: "advisory", advisory };
    }
  },
};

/** Old releases are published as YAML. */
function readYaml(path: string): unknown {
  try {
    return yaml().parse(new TextDecoder().decode(readWhole(path)), { maxAliasCount: 0, schema: "failsafe" });
  } catch (cause) {
    throw new PlimsollError("MALFORMED_INPUT", `${path}: ${errorText(cause)}`, {
      hint: "download the file again",
      cause,
    });
  }
}

/** Version "0": never affected, whatever another line says. */
function readPackage(entry: unknown, name: string, release: string): readonly Advisory[] {
  const rejected = new Set(textsAt(entry, "pkg", "secfixes", "0").flatMap(namesIn));
  return Object.keys(fieldsAt(entry, "pkg", "secfixes"))
    .filter((fixed) => fixed !== "0")
    .flatMap((fixed) =>
      textsAt(entry, "pkg", "secfixes", fixed).flatMap((line) => {
        const [id, ...aliases] = namesIn(line);
        const isRejected = [id, ...aliases].some((one) => one !== undefined && rejected.has(one));
        return id === undefined || isRejected ? [] : [advisoryOf({ name, release, fixed, id, aliases })];
      }),
    );
}

/** An entry may hold several names of one weakness, `CVE-2020-1 GHSA-... (+ patch)`. */
function namesIn(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => /^[A-Z]+-[A-Z0-9-]+$/i.test(word));
}

type Fix = {
  readonly name: string;
  readonly release: string;
  readonly fixed: string;
  readonly id: string;
  readonly aliases: readonly string[];
};

function advisoryOf({ name, release, fixed, id, aliases }: Fix): Advisory {
  return {
    id,
    aliases,
    feed: "alpine-secdb",
    namespace: `apk:alpine:${release}`,
    package: name,
    ranges: [{ introduced: "", fixed, lastAffected: "" }],
    versions: [],
    fixState: "fixed",
    severity: "unknown",
    cvss: [],
    summary: "",
    url: `https://security.alpinelinux.org/vuln/${encodeURIComponent(id)}`,
    published: "",
    imports: [],
    module: "",
    isUnimportant: false,
  };
}
