// Callers that the engine itself reports, over its authorization-plugin protocol: the certificate's common name, or nobody.

import type { Principal } from "../../model/principal.ts";
import { isPlainName } from "../names.ts";
import type { IdentityProvider } from "../provider.ts";

export const engineReport: IdentityProvider = {
  name: "engine-report",
  summary: "callers that the engine names when it asks as an authorization plugin; nameless ones are anonymous",
  needs: {},
  identify(peer) {
    if (peer.transport !== "authz-plugin") return undefined;
    if (peer.method === "" && peer.user === "") return anonymous;
    if (peer.method !== "TLS" || !isPlainName(peer.user)) return undefined;
    const id = `certificate:${peer.user}`;
    return { id, kind: "certificate", name: peer.user, groups: [], owner: id, provider: engineReport.name };
  },
};

const anonymous: Principal = {
  id: "anonymous:",
  kind: "anonymous",
  name: "anonymous",
  groups: [],
  owner: "anonymous:",
  provider: "engine-report",
};
