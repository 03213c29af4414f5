// One kind of secret: which literal gives it away, which text it is, and how to tell a real one from something that looks alike.

import type { Severity } from "../../model/advisory.ts";

/** Computes what its issuer put into a token: checksum, length, structure. @returns false when it cannot be a real one */
export type SecretCheck = (secret: string) => boolean;

export type SecretRule = {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** Where the severity depends on the secret itself. */
  readonly rate: ((secret: string) => Severity) | undefined;
  /** A file is looked at by this rule only where one of these stands. Latin-1, three characters or more, rare in other texts. */
  readonly literals: readonly string[];
  /** The literals are words that people write in either case. */
  readonly isCaseless: boolean;
  /** Sticky, or global when `lookBack` is above 0; the group `secret` is what has to stay secret. */
  readonly pattern: RegExp;
  /** Characters before the literal where the pattern may begin. */
  readonly lookBack: number;
  /** Characters from the literal on that the pattern may need. */
  readonly reach: number;
  readonly check: SecretCheck | undefined;
  /** Shannon entropy in bits a character; 0 for tokens whose form is proof enough. */
  readonly minEntropy: number;
  /** Chosen by people: placeholder words are no secrets, and nothing of it is ever shown. */
  readonly isPassword: boolean;
  /** Worth looking for in programs and databases too: the form alone leaves no doubt. */
  readonly isCertain: boolean;
  /** Only in files whose path matches; undefined: everywhere. */
  readonly paths: RegExp | undefined;
};

type RuleHead = { readonly id: string; readonly title: string; readonly severity?: Severity };

/** A token that begins with a text of its own: `dop_v1_` and 64 hexadecimal digits. */
export function token(
  rule: RuleHead & {
    readonly prefixes: readonly string[];
    /** Source of a regular expression. */
    readonly body: string;
    readonly check?: SecretCheck;
    readonly minEntropy?: number;
    readonly reach?: number;
  },
): SecretRule {
  const prefix = rule.prefixes.map(escapePattern).join("|");
  return {
    ...defaults(rule),
    literals: rule.prefixes,
    pattern: new RegExp(`(?<secret>(?:${prefix})${rule.body})(?![A-Za-z0-9_-])`, "y"),
    reach: rule.reach ?? 512,
    check: rule.check,
    minEntropy: rule.minEntropy ?? 2.5,
    isCertain: true,
  };
}

/** A token without a mark of its own: it counts only shortly after a word that says whose it is. */
export function nearWord(
  rule: RuleHead & {
    /** Lower case. */
    readonly words: readonly string[];
    readonly body: string;
    readonly check?: SecretCheck;
    readonly minEntropy?: number;
  },
): SecretRule {
  const words = rule.words.map(escapePattern).join("|");
  const between = `[\\w.-]{0,40}["'\`]?\\s{0,3}(?:=>|:=|[:=,>]|\\|\\||\\s)\\s{0,3}["'\`]?`;
  return {
    ...defaults(rule),
    literals: rule.words,
    isCaseless: true,
    pattern: new RegExp(`(?:${words})${between}(?<secret>${rule.body})(?![\\w/+=-])`, "iy"),
    check: rule.check,
    minEntropy: rule.minEntropy ?? 3,
  };
}

/** Anything else: the pattern says it all. */
export function special(
  rule: RuleHead & Pick<SecretRule, "literals" | "pattern"> & Partial<Omit<SecretRule, "id" | "title" | "severity">>,
): SecretRule {
  return { ...defaults(rule), ...rule, severity: rule.severity ?? "high" };
}

function defaults(rule: RuleHead) {
  return {
    id: rule.id,
    title: rule.title,
    severity: rule.severity ?? "high",
    rate: undefined,
    isCaseless: false,
    lookBack: 0,
    reach: 512,
    check: undefined,
    minEntropy: 0,
    isPassword: false,
    isCertain: false,
    paths: undefined,
  } as const;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
