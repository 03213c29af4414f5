// Which rule of the trust file speaks about a repository. Scopes are names, not patterns: exact, or everything below a path.

import { malformed } from "../../base/errors.ts";
import { parseReference } from "../../base/reference.ts";

/**
 * The canonical form of a scope: `registry.test/team/app`, `registry.test/team/*`, `registry.test/*`.
 * @throws PlimsollError MALFORMED_INPUT
 */
export function readScope(text: string): string {
  if (!text.endsWith("/*")) return repositoryOf(text);
  const below = text.slice(0, -2);
  if (/^[a-z0-9.-]+(?::[0-9]+)?$/.test(below) && (/[.:]/.test(below) || below === "localhost")) return `${below}/*`;
  return `${repositoryOf(`${below}/x`).slice(0, -1)}*`;
}

/** The most specific scope that covers the repository; undefined when none does. */
export function findScope<Rule extends { readonly scope: string }>(
  rules: readonly Rule[],
  repository: string,
): Rule | undefined {
  const covering = rules.filter(({ scope }) => covers(scope, repository));
  return covering.reduce<Rule | undefined>(
    (best, rule) => (best === undefined || isNarrower(rule.scope, best.scope) ? rule : best),
    undefined,
  );
}

export function covers(scope: string, repository: string): boolean {
  return scope.endsWith("/*") ? repository.startsWith(scope.slice(0, -1)) : repository === scope;
}

function isNarrower(scope: string, other: string): boolean {
  const isExact = !scope.endsWith("/*");
  const isOtherExact = !other.endsWith("/*");
  return isExact === isOtherExact ? scope.length > other.length : isExact;
}

function repositoryOf(text: string): string {
  const reference = parseReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw malformed("scope", `expected a repository without tag and digest, found ${JSON.stringify(text)}`);
  }
  return `${reference.domain}/${reference.path}`;
}
