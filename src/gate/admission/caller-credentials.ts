// The credentials that a caller sends along, so that who vouches for a private image can be asked with them: with nobody else's, and
// of the host alone that they are for.
// Source: moby/moby, api/types/registry (AuthConfig).

import type { AskedTrust } from "../../admission/trust/trust-desk.ts";
import { decodeJson } from "../../base/json.ts";
import { isFields, textAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";

type Asked = Pick<AskedTrust, "credentials">;

/** Docker Hub goes by the address of its first API. */
const hub: ReadonlySet<string> = new Set(["", "index.docker.io", "docker.io", "registry-1.docker.io"]);

/** Of `X-Registry-Auth`: for one registry. */
export function callerCredentials({ headers }: Call): Asked {
  const found = decoded(headers["x-registry-auth"]);
  return credentialsOf([[textAt(found, "serveraddress"), found]]);
}

/** Of `X-Registry-Config`: for several. */
export function buildCredentials({ headers }: Call): Asked {
  const found = decoded(headers["x-registry-config"]);
  return credentialsOf(isFields(found) ? Object.entries(found) : []);
}

/** @returns as `X-Registry-Auth`; "" when none came along for this registry */
export function registryAuth({ headers }: Call, registry: string): string {
  const found = decoded(headers["x-registry-config"]);
  const own = Object.entries(isFields(found) ? found : {}).find(([server]) => isFor(hostOf(server), registry));
  return own === undefined ? "" : Buffer.from(JSON.stringify(own[1])).toString("base64url");
}

function credentialsOf(entries: readonly (readonly [server: string, value: unknown])[]): Asked {
  return {
    async credentials(registry) {
      const value = entries.find(([server]) => isFor(hostOf(server), registry))?.[1];
      const [user, password] = [textAt(value, "username"), textAt(value, "password")];
      return user === "" || password === "" ? undefined : { user, password };
    },
  };
}

function isFor(server: string, registry: string): boolean {
  return registry === server || (hub.has(registry) && hub.has(server));
}

function decoded(header: string | readonly string[] | undefined): unknown {
  if (typeof header !== "string" || header === "") return {};
  return decodeJson(Buffer.from(header, "base64url"), { duplicates: "exact" });
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
}
