// Rules by which a team lives with a finding for a while. Each says why, and until when.
//
//   ignore:
//     - id: CVE-2024-1234
//       package: openssl            # optional
//       path: usr/lib/**            # optional; * within a name, ** over folders
//       reason: no TLS in this image
//       expires: 2026-12-31

import { errorText, limitExceeded, PlimsollError } from "../../base/errors.ts";
import type { Decoded } from "../../base/schema.ts";
import { array, decode, exactObject, optional, string } from "../../base/schema.ts";
import { yaml } from "../../base/yaml.ts";
import type { Finding } from "../../model/finding.ts";

const rule = exactObject({
  id: string,
  package: optional(string),
  path: optional(string),
  reason: string,
  expires: string,
});
const file = exactObject({ ignore: array(rule) });
const maxBytes = 4 * 1024 * 1024;
const hint = "see docs/vex.md for the keys of an ignore rule";

export type IgnoreRule = {
  readonly id: string;
  /** "" for every package. */
  readonly package: string;
  /** "" for every path. */
  readonly path: string;
  readonly reason: string;
  /** `2026-12-31`: the last day on which it counts. */
  readonly expires: string;
  /** `file, rule 2` */
  readonly source: string;
};

/** @throws PlimsollError CONFIG_INVALID for a rule with a mistake: then none of the file counts */
export function readIgnoreRules(text: string, source: string): readonly IgnoreRule[] {
  if (Buffer.byteLength(text) > maxBytes) throw limitExceeded(source, `more than ${maxBytes} bytes`);
  const found = decode(file, parseYaml(text, source), { code: "CONFIG_INVALID", where: source, hint });
  return found.ignore.map((one, at) => toRule(one, `${source}, rule ${at + 1}`));
}

function parseYaml(text: string, source: string): unknown {
  try {
    const document = yaml().parseDocument(text, { schema: "failsafe", uniqueKeys: true });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(source, errorText(cause), cause);
  }
}

function toRule(found: Decoded<typeof rule>, source: string): IgnoreRule {
  if (found.id.trim() === "") throw invalid(source, "an empty id");
  if (found.reason.trim() === "") throw invalid(source, "a rule without a reason");
  if (!isDate(found.expires))
    throw invalid(source, `expires: expected a date such as 2026-12-31, found ${found.expires}`);
  return { ...found, package: found.package ?? "", path: found.path ?? "", source };
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function invalid(source: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `${source}: ${what}`, { hint, cause });
}

export function isExpired({ expires }: IgnoreRule, now: Date): boolean {
  return expires < now.toISOString().slice(0, 10);
}

/** Every part that a rule names has to fit, each as a whole. */
export function ignores(one: IgnoreRule, finding: Finding): boolean {
  const names = finding.kind === "vulnerability" ? [finding.id, ...finding.aliases] : [finding.id];
  if (!names.includes(one.id)) return false;
  if (one.package !== "" && !(finding.kind === "vulnerability" && finding.package === one.package)) return false;
  return one.path === "" || fitsPath(one.path.replace(/^\//, ""), finding.path);
}

function fitsPath(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : escapePattern(part)))
    .join("");
  return new RegExp(`^${source}$`, "s").test(path);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
