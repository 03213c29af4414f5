// What a registry asks for before it answers, and to whom credentials may go.
// Source: RFC 9110, section 11.6.1; distribution docs/spec/auth/token.md; CVE-2020-15157.

export type Challenge =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: string; readonly service: string };

/** Token servers that are known to belong to a registry of another name. */
const realms: Readonly<Record<string, string>> = {
  "registry-1.docker.io": "auth.docker.io",
  "registry.gitlab.com": "gitlab.com",
};

/** @returns undefined for what is neither Basic nor Bearer, or cannot be read in one way only */
export function readChallenge(header: string): Challenge | undefined {
  if (/^basic(?: |$)/i.test(header)) return { kind: "basic" };
  const rest = /^bearer (.*)$/i.exec(header)?.[1];
  if (rest === undefined || !/^(?:[a-z_]+="[^"\\]*"(?:, ?|$))+$/i.test(rest)) return undefined;
  const pairs = [...rest.matchAll(/([a-z_]+)="([^"\\]*)"/gi)].map(
    ([, key = "", value = ""]) => [key.toLowerCase(), value] as const,
  );
  const values = new Map(pairs);
  const realm = values.get("realm");
  if (realm === undefined || values.size !== pairs.length) return undefined;
  return { kind: "bearer", realm, service: values.get("service") ?? "" };
}

/** Whether the credentials for a registry may go to the server that it names. @param hosts with ports, exactly */
export function mayKnowCredentials(registryHost: string, realmHost: string): boolean {
  return realmHost === registryHost || (Object.hasOwn(realms, registryHost) && realms[registryHost] === realmHost);
}
