// The credentials that a caller sends along for one registry, so that who vouches for a private image can be asked there too.
// They go to the host that they are for and nowhere else.
// Source: moby/moby, api/types/registry (AuthConfig); an identity token stands for the password of the user `<token>`.

import type { AskedTrust } from "../../admission/trust/trust-desk.ts";
import { decodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";

/** Docker Hub goes by the address of its first API. */
const hub: ReadonlySet<string> = new Set(["", "index.docker.io", "docker.io", "registry-1.docker.io"]);

export function callerCredentials({ headers }: Call): Pick<AskedTrust, "credentials"> {
  const header = headers["x-registry-auth"];
  if (typeof header !== "string" || header === "") return {};
  const found = decodeJson(Buffer.from(header, "base64url"), { duplicates: "exact" });
  const [user, password] = [textAt(found, "username"), textAt(found, "password")];
  if (user === "" || password === "") return {};
  const server = hostOf(textAt(found, "serveraddress"));
  const isFor = (registry: string): boolean => registry === server || (hub.has(registry) && hub.has(server));
  return { credentials: async (registry) => (isFor(registry) ? { user, password } : undefined) };
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
}
