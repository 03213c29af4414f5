// How an image is put together: its config, and what its files are rather than what they hold.

import { createHash } from "node:crypto";
import type { Finding } from "../../model/finding.ts";
import type { ContentSink, FileEntry } from "../../model/layer.ts";
import type { FileProblem } from "../../model/package.ts";
import type { Detector } from "../detector.ts";
import { configRules } from "../image-configuration/config-rules.ts";
import { entryRules } from "../image-configuration/entry-rules.ts";
import { type RuleText, type TextRule, toMisconfiguration } from "../image-configuration/rule.ts";
import { textRules } from "../image-configuration/text-rules.ts";
import { wholeSink } from "../whole-sink.ts";

/** Bytes of a settings file that are read. */
const maxTextBytes = 4 * 1024 * 1024;
/** A layer with a million bad names must not fill the report. */
const maxFindingsPerRule = 200;

export const imageConfiguration: Detector = {
  name: "image-configuration",
  summary: "root users, setuid files, devices, open permissions, dangerous settings",
  needs: {},
  open() {
    const counts = new Map<string, number>();
    let problems: FileProblem[] = [];
    const report = (rule: RuleText, finding: Finding, found: (finding: Finding) => void): void => {
      const count = (counts.get(rule.id) ?? 0) + 1;
      counts.set(rule.id, count);
      if (count <= maxFindingsPerRule) found(finding);
      if (count === maxFindingsPerRule + 1)
        problems.push({
          path: finding.path,
          plugin: "image-configuration",
          what: `more than ${maxFindingsPerRule} findings of rule ${rule.id} in one layer, the others are not listed`,
        });
    };
    return Promise.resolve({
      fingerprint: fingerprint(),
      visit(entry, _head, found) {
        for (const rule of entryRules) {
          const detail = rule.inspect(entry);
          if (detail !== undefined) report(rule, toMisconfiguration(rule, detail, entry.path), found);
        }
        return openText(
          entry,
          (rule, finding) => report(rule, finding, found),
          (what) => problems.push({ path: entry.path, plugin: "image-configuration", what }),
        );
      },
      inspectConfig: (config) =>
        configRules.flatMap((rule) =>
          rule
            .inspect(config)
            .slice(0, maxFindingsPerRule)
            .map((detail) => toMisconfiguration(rule, detail, "")),
        ),
      settle() {
        counts.clear();
        return Promise.resolve();
      },
      takeProblems() {
        const taken = problems;
        problems = [];
        return taken;
      },
      close: () => Promise.resolve(),
    });
  },
};

function openText(
  entry: FileEntry,
  report: (rule: RuleText, finding: Finding) => void,
  problem: (what: string) => void,
): ContentSink | undefined {
  if (entry.kind !== "file") return undefined;
  const rules = textRules.filter(({ paths }) => paths.some((path) => isAt(path, entry.path)));
  if (rules.length === 0) return undefined;
  return wholeSink({ size: entry.size, maxBytes: maxTextBytes, problem }, (content) => {
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString("latin1");
    for (const rule of rules) inspectText(rule, text, entry.path, report);
  });
}

function inspectText(
  rule: TextRule,
  text: string,
  path: string,
  report: (rule: RuleText, finding: Finding) => void,
): void {
  for (const detail of rule.inspect(text)) report(rule, toMisconfiguration(rule, detail, path));
}

function isAt(wanted: string, path: string): boolean {
  return wanted.endsWith("/") ? path.startsWith(wanted) && !path.slice(wanted.length).includes("/") : path === wanted;
}

function fingerprint(): string {
  const text = JSON.stringify([configRules, entryRules, textRules], (_, value: unknown) =>
    typeof value === "function" ? String(value) : value,
  );
  return `image-configuration 1 ${createHash("sha256").update(text).digest("hex")}`;
}
