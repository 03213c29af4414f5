// Debian's security tracker: for each source package and CVE, the state in each release.
// Source: security-tracker.debian.org/tracker/data/json; states explained in security-tracker's doc/security-team.d.

import { fieldsAt, isFields, textAt } from "../../base/reading.ts";
import type { Advisory, FixState, Severity, VersionRange } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readJsonMembers } from "../feed-formats/json-members.ts";
import { oneLine } from "../feed-formats/one-line.ts";
import { debianNamespace } from "../matching/distribution-namespaces.ts";

export const debianTracker: AdvisoryFeed = {
  name: "debian-tracker",
  summary: "Debian security tracker, all releases and states",
  needs: { network: true },
  baseUrl: "https://security-tracker.debian.org",
  files: [{ name: "tracker/data/json", maxBytes: 512 * 1024 * 1024 }],
  async *read(_file, path, problem): AsyncIterable<FeedRecord> {
    for await (const [source, entries] of readJsonMembers(path, problem)) {
      for (const advisory of readSource(source, entries)) yield { kind: "advisory", advisory };
    }
  },
};

function readSource(source: string, entries: unknown): readonly Advisory[] {
  return Object.entries(fieldsAt(entries)).flatMap(([id, entry]) =>
    Object.entries(fieldsAt(entry, "releases")).flatMap(([codename, release]) => {
      const state = isFields(release) ? stateOf(release) : undefined;
      return state === undefined
        ? []
        : [advisoryOf({ source, id, codename, summary: textAt(entry, "description"), state })];
    }),
  );
}

type State = {
  readonly range: VersionRange;
  readonly fixState: FixState;
  readonly severity: Severity;
  readonly isUnimportant: boolean;
};

/** undefined: this release was never affected. */
function stateOf(release: Readonly<Record<string, unknown>>): State | undefined {
  const status = textAt(release, "status");
  const fixed = textAt(release, "fixed_version");
  const urgency = textAt(release, "urgency");
  if (status === "resolved" && (fixed === "0" || fixed === "")) return undefined;
  return {
    range: { introduced: "", fixed: status === "resolved" ? fixed : "", lastAffected: "" },
    fixState: status === "resolved" ? "fixed" : openState(release, status, urgency),
    severity: severityOf(urgency),
    isUnimportant: urgency === "unimportant" || status === "undetermined",
  };
}

function openState(release: Readonly<Record<string, unknown>>, status: string, urgency: string): FixState {
  if (urgency === "end-of-life") return "end-of-life";
  if (status === "undetermined") return "under-investigation";
  const reason = textAt(release, "nodsa_reason");
  if (reason === "ignored") return "wont-fix";
  return reason === "postponed" || Object.hasOwn(release, "nodsa") ? "deferred" : "unfixed";
}

/** `low**`: by a person who was not sure. */
function severityOf(urgency: string): Severity {
  const word = urgency.replace(/\*+$/, "");
  if (word === "unimportant") return "negligible";
  return word === "low" || word === "medium" || word === "high" ? word : "unknown";
}

type Found = {
  readonly source: string;
  readonly id: string;
  readonly codename: string;
  readonly summary: string;
  readonly state: State;
};

function advisoryOf({ source, id, codename, summary, state }: Found): Advisory {
  const { range, ...rest } = state;
  return {
    id,
    aliases: [],
    feed: "debian-tracker",
    namespace: debianNamespace(codename),
    package: source,
    ranges: [range],
    versions: [],
    ...rest,
    cvss: [],
    summary: oneLine(summary),
    url: `https://security-tracker.debian.org/tracker/${encodeURIComponent(id)}`,
    published: "",
    imports: [],
    module: "",
  };
}
