// One of Red Hat's VEX documents (one CVE) -> advisories for each release and package: fixes, and what is not fixed and why.
// Source: OASIS CSAF 2.0, profile VEX; redhatproductsecurity.github.io/security-data-guidelines, "CSAF and VEX".

import { readPackageUrl } from "../../base/package-url.ts";
import { listAt, textAt, textsAt } from "../../base/reading.ts";
import type { Advisory, FixState, Severity } from "../../model/advisory.ts";
import { type Product, readProducts } from "../csaf/products.ts";
import { oneLine } from "./one-line.ts";

const feed = "redhat-csaf-vex";

export function readRedhatVex(document: unknown): readonly Advisory[] {
  const products = readProducts(document);
  return listAt(document, "vulnerabilities").flatMap((vulnerability) => {
    const cve = textAt(vulnerability, "cve");
    if (cve === "") return [];
    const about = { vulnerability, products, common: commonOf(document, vulnerability, cve) };
    return unique([...fixedIn(about), ...unfixedIn(about)]);
  });
}

type About = {
  readonly vulnerability: unknown;
  readonly products: ReadonlyMap<string, Product>;
  readonly common: Common;
};
type Common = Pick<Advisory, "id" | "aliases" | "feed" | "cvss" | "summary" | "url" | "published" | "severity">;

function commonOf(document: unknown, vulnerability: unknown, cve: string): Common {
  const vectors = listAt(vulnerability, "scores").map((score) => textAt(score, "cvss_v3", "vectorString"));
  return {
    id: cve,
    aliases: [],
    feed,
    cvss: [...new Set(vectors.filter((vector) => vector !== ""))],
    summary: oneLine(textAt(vulnerability, "title") || textAt(document, "document", "title")),
    url: `https://access.redhat.com/security/cve/${encodeURIComponent(cve)}`,
    published: textAt(vulnerability, "release_date"),
    severity: severityOf(impactOf(document, vulnerability)),
  };
}

function impactOf(document: unknown, vulnerability: unknown): string {
  const threat = listAt(vulnerability, "threats").find((item) => textAt(item, "category") === "impact");
  return textAt(threat, "details") || textAt(document, "document", "aggregate_severity", "text");
}

const severities: Readonly<Record<string, Severity>> = {
  low: "low",
  moderate: "medium",
  important: "high",
  critical: "critical",
};

function severityOf(word: string): Severity {
  const key = word.toLowerCase();
  return Object.hasOwn(severities, key) ? (severities[key] ?? "unknown") : "unknown";
}

/** A package in a release. */
type Place = { readonly namespace: string; readonly name: string; readonly version: string; readonly module: string };

function fixedIn({ vulnerability, products, common }: About): readonly Advisory[] {
  return textsAt(vulnerability, "product_status", "fixed").flatMap((id) => {
    const place = placeOf(id, products);
    return place === undefined || place.version === "" ? [] : [advisoryOf(common, place, "fixed")];
  });
}

function unfixedIn({ vulnerability, products, common }: About): readonly Advisory[] {
  const reasons = reasonsById(vulnerability);
  const statuses = ["known_affected", "under_investigation"] as const;
  return statuses.flatMap((status) =>
    textsAt(vulnerability, "product_status", status).flatMap((id) => {
      const place = placeOf(id, products);
      if (place === undefined) return [];
      const state = status === "under_investigation" ? "under-investigation" : (reasons.get(id) ?? "unfixed");
      return [advisoryOf(common, { ...place, version: "" }, state)];
    }),
  );
}

/** Remediations say why there is no fix. */
const states: Readonly<Record<string, FixState>> = {
  "fix deferred": "deferred",
  "will not fix": "wont-fix",
  "out of support scope": "end-of-life",
  "under investigation": "under-investigation",
};

function reasonsById(vulnerability: unknown): ReadonlyMap<string, FixState> {
  return new Map(
    listAt(vulnerability, "remediations").flatMap((remediation) => {
      const state = states[textAt(remediation, "details").toLowerCase()];
      return state === undefined ? [] : textsAt(remediation, "product_ids").map((id) => [id, state] as const);
    }),
  );
}

function placeOf(id: string, products: ReadonlyMap<string, Product>): Place | undefined {
  const product = products.get(id);
  const release = products.get(product?.within ?? "");
  const component = products.get(product?.component ?? "");
  const major = /^cpe:\/[ao]:redhat:(?:enterprise_linux|rhel_\w+):(\d+)/.exec(release?.cpe ?? "")?.[1];
  if (major === undefined || component === undefined) return undefined;
  const named = fromPurl(component.purl || (product?.purl ?? "")) ?? fromId(component.id);
  return named === undefined ? undefined : { namespace: `rpm:rhel:${major}`, ...named };
}

function fromPurl(purl: string): Omit<Place, "namespace"> | undefined {
  if (!purl.startsWith("pkg:rpm/")) return undefined;
  const { name, version, qualifiers } = readPackageUrl(purl);
  // A source package is not installed; its binaries are listed beside it. Without a version it names a component.
  if (qualifiers["arch"] === "src" && version !== "") return undefined;
  const epoch = qualifiers["epoch"] ?? "0";
  return { name, version: version === "" ? "" : `${epoch}:${version}`, module: moduleOf(qualifiers["rpmmod"] ?? "") };
}

/** `openssl`, or `nodejs:18/nodejs` within a module. */
function fromId(id: string): Omit<Place, "namespace"> | undefined {
  const match = /^(?:([\w.+-]+:[\w.+-]+)\/)?([\w.+-]+)$/.exec(id);
  return match?.[2] === undefined ? undefined : { name: match[2], version: "", module: match[1] ?? "" };
}

function moduleOf(label: string): string {
  return label.split(":").slice(0, 2).join(":");
}

function advisoryOf(common: Common, place: Place, fixState: FixState): Advisory {
  return {
    ...common,
    namespace: place.namespace,
    package: place.name,
    ranges: [{ introduced: "", fixed: place.version, lastAffected: "" }],
    versions: [],
    fixState,
    imports: [],
    module: place.module,
    isUnimportant: false,
  };
}

/** The same package of several architectures is one. */
function unique(advisories: readonly Advisory[]): readonly Advisory[] {
  const byPlace = new Map(
    advisories.map((one) => [
      [one.namespace, one.package, one.module, one.ranges[0]?.fixed, one.fixState].join(" "),
      one,
    ]),
  );
  return [...byPlace.values()];
}
