// Amazon Linux 2 and 2023: the updates of the core repository, as dnf reads them. Fixes only: what is unfixed is not in it, nor are
// the repositories of extras. Source: createrepo_c, updateinfo.xml; alas.aws.amazon.com.

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Advisory } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { fixOf } from "../feed-formats/rpm-fix.ts";
import { readElements, tagsOf, textsOf } from "../feed-formats/xml-elements.ts";

const repositories: Readonly<Record<string, string>> = {
  "2/updateinfo.xml.gz": "2/core/latest/x86_64/mirror.list",
  "2023/updateinfo.xml.gz": "al2023/core/mirrors/latest/x86_64/mirror.list",
};

export const amazon: AdvisoryFeed = {
  name: "amazon",
  summary: "Amazon Linux 2 and 2023",
  needs: { network: true },
  baseUrl: "https://cdn.amazonlinux.com",
  files: Object.entries(repositories).map(([name, repositoryIn]) => ({
    name,
    repositoryIn,
    maxBytes: 256 * 1024 * 1024,
  })),
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    const release = file.name.split("/", 1)[0] ?? "";
    const bytes = createReadStream(path);
    const plain = createGunzip();
    bytes.on("error", (error) => plain.destroy(error)).pipe(plain);
    for await (const update of readElements(plain, "update", file.name)) {
      const advisories = readUpdate(update, `rpm:amazon:${release}`);
      if (advisories.length === 0) problem(`${file.name}: an update without a name, a weakness or a package`);
      for (const advisory of advisories) yield { kind: "advisory", advisory };
    }
  },
};

/** One advisory for each weakness and package: `ALAS2-2024-2400` speaks of several. */
function readUpdate(update: string, namespace: string): readonly Advisory[] {
  const [id = ""] = textsOf(update, "id");
  const names = tagsOf(update, "reference").flatMap(
    (reference) => /^CVE-\d{4}-\d{4,}$/.exec(reference.get("id") ?? "") ?? [],
  );
  const packages = tagsOf(update, "package").map((found) => ({
    name: found.get("name") ?? "",
    version: `${found.get("epoch") || "0"}:${found.get("version") ?? ""}-${found.get("release") ?? ""}`,
  }));
  const unique = new Map(packages.map((found) => [`${found.name} ${found.version}`, found]));
  if (!/^ALAS[\w.-]*$/.test(id)) return [];
  const about = {
    id,
    feed: "amazon",
    namespace,
    severity: textsOf(update, "severity")[0] ?? "",
    summary: textsOf(update, "title")[0] ?? "",
    published: tagsOf(update, "issued")[0]?.get("date") ?? "",
    url: "https://alas.aws.amazon.com/",
  };
  return [...unique.values()].flatMap(({ name, version }) =>
    name === "" || version.includes(":-") || version.endsWith("-")
      ? []
      : [...new Set(names)].map((alias) => fixOf({ ...about, alias, package: name, fixed: version, module: "" })),
  );
}
