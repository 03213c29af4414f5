// Secrets in an image's config: everybody who can pull the image reads its environment, labels and history.
// Build arguments are there too: the classic builder writes them in front of each command as `|1 NAME=value`.

import type { Secret } from "../../model/finding.ts";
import type { ImageConfig } from "../../model/image.ts";
import { isStandIn } from "./allow-list.ts";
import { entropyOf } from "./judge-secret.ts";
import { special } from "./secret-rule.ts";
import { patternBudget, type SecretMatch, type SecretScanner } from "./secret-scanner.ts";
import { toSecret } from "./to-secret.ts";

/** By its name alone, whatever the value looks like. */
export const passwordByName = special({
  id: "password-by-name",
  title: "Value of a variable whose name says that it is secret",
  severity: "high",
  literals: [],
  pattern: /(?<secret>)/y,
  isPassword: true,
});

const secretName =
  /(?:^|[_.-])(?:password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|apikey|access[_-]?key|auth[_-]?key|private[_-]?key|token|credentials?)(?:$|[_.-](?:\d|value|prod|production|live|root|admin))/i;
/** Names that only look so: they say where a secret is, how long it lives, or are for everybody. */
const harmlessName =
  /(?:_|^)(?:file|path|dir|url|uri|id|name|length|ttl|expiry|public|policy|type|endpoint|version|user|key_?id)$|gpg_key|^public_|_public_|csrf_cookie/i;

/** @param scanner the same rules as for files */
export function findConfigSecrets(config: ImageConfig, scanner: SecretScanner): readonly Secret[] {
  const places: readonly (readonly [place: string, text: string])[] = [
    ...config.env.map((text) => ["environment", text] as const),
    ...Object.entries(config.labels).map(([name, value]) => ["label", `${name}=${value}`] as const),
    ...config.onBuild.map((text) => ["history", text] as const),
    ...[config.entrypoint, config.command, config.healthcheck].map((words) => ["command", words.join(" ")] as const),
    ...config.history.flatMap((line) => historyTexts(line.createdBy, line.comment)),
  ];
  const found = places.flatMap(([place, text]) => [
    ...scanText(text, scanner).map((match) => toSecret(match, { place, path: "", line: 0 })),
    ...byName(place, text).map((match) => toSecret(match, { place, path: "", line: 0 })),
  ]);
  return withoutRepeats(found);
}

function historyTexts(createdBy: string, comment: string): readonly (readonly [string, string])[] {
  const count = /^\|(\d{1,3}) /.exec(createdBy)?.[1];
  if (count === undefined)
    return [
      ["history", createdBy],
      ["history", comment],
    ];
  const shell = createdBy.search(/ \/\S+ -\w*c /);
  const split = shell === -1 ? createdBy.length : shell;
  return [
    ["build-argument", createdBy.slice(0, split)],
    ["history", createdBy.slice(split)],
    ["history", comment],
  ];
}

function scanText(text: string, scanner: SecretScanner): readonly SecretMatch[] {
  const bytes = Buffer.from(text, "utf8");
  const block = { bytes, end: bytes.length, from: 0, to: bytes.length, linesBefore: 0 };
  return scanner.scan(block, { path: "", isBinary: false, budget: patternBudget(bytes.length) });
}

function byName(place: string, text: string): readonly SecretMatch[] {
  const found: SecretMatch[] = [];
  const pattern =
    place === "environment" || place === "label"
      ? /^(?<name>[^=\s]{1,200})=(?<value>[\s\S]{1,4096})$/g
      : /(?<![\w.-])(?<name>[A-Za-z_][\w.-]{0,100})=(?<value>"[^"]{1,4096}"|'[^']{1,4096}'|[^\s"';&|]{1,4096})/g;
  for (const { groups } of text.matchAll(pattern)) {
    const { name = "", value = "" } = groups ?? {};
    const secret = value.replace(/^(["'])(.*)\1$/s, "$2");
    if (isSecretSetting(name, secret)) found.push({ rule: passwordByName, secret, line: 0 });
  }
  return found;
}

/** @returns whether a setting of this name is meant to be secret */
export function namesSecret(name: string): boolean {
  return secretName.test(name) && !harmlessName.test(name);
}

/** @returns whether NAME=value is a secret that somebody wrote down */
export function isSecretSetting(name: string, value: string): boolean {
  if (!namesSecret(name)) return false;
  if (value.length < 4 || /^(?:\d{1,4}|yes|no|on|off)$/i.test(value)) return false;
  return !isStandIn(value, true) && !/^\/[\w./-]+$/.test(value) && entropyOf(value) > 1.5;
}

/** The same secret in the same kind of place is one finding: history repeats build arguments on every line. */
function withoutRepeats(found: readonly Secret[]): readonly Secret[] {
  const byKey = new Map<string, Secret>();
  for (const secret of found) {
    const key = `${secret.place} ${secret.fingerprint}`;
    if (!byKey.has(key)) byKey.set(key, secret);
  }
  return [...byKey.values()];
}
