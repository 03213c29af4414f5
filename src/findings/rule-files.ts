// The user's own rules: which detector reads a file is told by its name, and a name that nobody knows is a mistake.

import { PlimsollError } from "../base/errors.ts";

export type RuleFileKind = "secrets" | "yara" | "hash-list";

/** @throws PlimsollError POLICY_INVALID for a name that says no kind */
export function ruleFileKind(path: string): RuleFileKind {
  if (/\.secrets\.ya?ml$/.test(path)) return "secrets";
  if (/\.yara?$/.test(path)) return "yara";
  if (/\.(?:hdb|hdu|hsb|hsu|md5|sha1|sha256|hashes)$/.test(path)) return "hash-list";
  throw new PlimsollError("POLICY_INVALID", `${path}: the name does not say what kind of rules it holds`, {
    hint: "end it in .secrets.yaml, .yar, .hdb, .hsb, .md5, .sha1, .sha256 or .hashes",
  });
}

export function ruleFilesOf(kind: RuleFileKind, files: readonly string[]): readonly string[] {
  return files.filter((file) => ruleFileKind(file) === kind);
}
