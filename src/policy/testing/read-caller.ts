// The caller of a policy test: `unix:bob`, or a mapping for what the name does not say.

import type { Principal, PrincipalKind } from "../../model/principal.ts";
import { Fields } from "./fields.ts";

const providers: Readonly<Record<PrincipalKind, string>> = {
  unix: "unix-peer",
  container: "unix-peer",
  certificate: "mtls",
  kerberos: "kerberos",
  ldap: "ldap",
  oidc: "oidc",
  anonymous: "none",
};

/** @param test the mapping with the key `principal`; unix:bob when it has none */
export function readCaller(test: Fields): Principal {
  const given = test.value("principal") ?? "unix:bob";
  const whole = typeof given === "string" ? { id: given } : given;
  const fields = new Fields(whole, ["id", "groups", "owner", "container", "uid"], test.fail);
  const id = fields.text("id");
  const kind = id.slice(0, Math.max(0, id.indexOf(":")));
  if (!isKind(kind)) throw fields.fail(`principal ${id}: expected one of ${Object.keys(providers).join(":, ")}:`);
  const uid = fields.value("uid") ?? (id === "unix:root" ? 0 : 1000);
  if (typeof uid !== "number" || !Number.isSafeInteger(uid)) throw fields.fail("uid: expected an integer");
  const container = fields.textOr("container", "");
  const process = { pid: 1, uid, gid: uid, ...(container === "" ? {} : { container }) };
  return {
    id,
    kind,
    name: id.slice(kind.length + 1),
    groups: fields.has("groups") ? fields.texts("groups").toSorted() : [],
    owner: fields.textOr("owner", id),
    provider: providers[kind],
    ...(kind === "unix" || kind === "container" ? { process } : {}),
  };
}

function isKind(name: string): name is PrincipalKind {
  return Object.hasOwn(providers, name);
}
