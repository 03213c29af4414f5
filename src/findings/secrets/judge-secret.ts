// Whether a text that a rule's pattern found is a secret: entropy, words that stand for a secret, the issuer's own checks.

import { isExampleFile, isPublished, isStandIn } from "./allow-list.ts";
import type { SecretRule } from "./secret-rule.ts";

export function isRealSecret(rule: SecretRule, secret: string, path: string): boolean {
  if (rule.minEntropy > 0 && entropyOf(secret) < rule.minEntropy) return false;
  if (isStandIn(secret, rule.isPassword) && rule.id !== "private-key") return false;
  if (rule.check !== undefined && !rule.check(secret)) return false;
  return !isPublished(secret) && !isExampleFile(path);
}

/** Shannon entropy in bits a character: 0 for one letter repeated, about 4 for hexadecimal, up to 6 for base64. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
