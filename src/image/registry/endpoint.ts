// The host behind the first part of an image's name.

import type { SourceSettings } from "../source.ts";
import type { Endpoint } from "./send.ts";

/** Names of hosts that serve a registry under another name. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

export function registryHost(domain: string): string {
  return (Object.hasOwn(hosts, domain) ? hosts[domain] : undefined) ?? domain;
}

export function endpointOf(domain: string, settings: SourceSettings): Endpoint {
  const host = registryHost(domain);
  return { host, isInsecure: settings.insecureRegistries.includes(host) };
}
