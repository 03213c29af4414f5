// The environment of a socket proxy (CONTAINERS=1, POST=0) -> a policy set that refuses what the proxy refused. It only
// forbids: beside `observe` it decides as the proxy does, beside `baseline` escapes from a container are refused as well.

import type { Action } from "../../model/action.ts";
import type { Grant } from "../../model/grant.ts";
import { resourceTypes } from "../actions.ts";
import type { PolicySource } from "../source.ts";
import { exceptions, gated, methods, readingActions, sections } from "./sections.ts";

/** linuxserver/socket-proxy asks ALLOW_START and the like before POST, Tecnativa's proxy after it. */
export type SocketProxyDialect = "tecnativa" | "linuxserver";

type Environment = Readonly<Record<string, string | undefined>>;
type Forbid = { readonly variable: string; readonly actions: readonly Action[] };

/**
 * @param env variables that are set; as in the proxies, EVENTS, PING and VERSION are 1 and all others 0 when left out. One
 * that only newer proxies have (DELETE, ALLOW_LOGS) makes all of it be read as they do.
 */
export function socketProxyPolicies(env: Environment, dialect: SocketProxyDialect = "tecnativa"): PolicySource {
  const isOn = (variable: string, fallback = false): boolean => readSwitch(env[variable], fallback);
  const exempt = new Set(exceptions.filter(({ variable }) => isOn(variable)).flatMap(({ actions }) => actions));
  const opened = sections.filter(({ variable, isOpenByDefault }) => isOn(variable, isOpenByDefault));
  const closed = sections.filter((section) => !opened.includes(section));
  const isNewer = [...methods, ...gated].some(({ variable }) => env[variable] !== undefined);
  const ofOtherMethods = new Set(isNewer ? methods.flatMap(({ actions }) => actions) : []);
  const open = dialect === "linuxserver" ? exempt : new Set<Action>();
  const changed = changing().filter((action) => !open.has(action) && !ofOtherMethods.has(action));
  const forbids: readonly Forbid[] = [
    ...closed.map(({ variable, actions }) => ({ variable, actions: actions.filter((action) => !exempt.has(action)) })),
    ...(isOn("POST") ? [] : [{ variable: "POST", actions: changed }]),
    ...(isNewer ? [...methods, ...gated].filter(({ variable }) => !isOn(variable)) : []),
    { variable: "", actions: ["system.debug", "system.libpod"] },
  ];
  const grants = new Set<Grant>(["owner.any", "owner.unowned", ...opened.flatMap((section) => section.grants)]);
  const text = [
    header,
    ...[...grants].map(grantPolicy),
    ...forbids.filter(({ actions }) => actions.length > 0).map(forbidPolicy),
  ].join("\n");
  return { name: "socket-proxy", file: "socket-proxy.cedar", text };
}

const header = `// What a socket proxy with these variables refuses, as policies. Those who call see every owner's containers, as through the
// proxy; sections that are switched on come with the grant without which Plimsoll keeps them shut.
`;

/** The proxies' documentation knows 0 and 1; anything else keeps a section closed. */
function readSwitch(value: string | undefined, fallback: boolean): boolean {
  return value === undefined || value === "" ? fallback : value === "1";
}

function changing(): readonly Action[] {
  return sections.flatMap((section) => section.actions).filter((action) => !readingActions.has(action));
}

function grantPolicy(grant: Grant): string {
  return `@id("holds-${grant.replace(".", "-")}")
permit (principal, action == Action::"grant", resource == Grant::"${grant}");
`;
}

function forbidPolicy({ variable, actions }: Forbid): string {
  const names = actions.map((action) => `    Action::"${action}"`).join(",\n");
  const id = variable === "" ? "no-other-sections" : `no-${variable.toLowerCase().replaceAll("_", "-")}`;
  const reason = variable === "" ? "no variable opens this" : `the variable ${variable} keeps this closed`;
  const remedy = variable === "" ? "use a policy set of your own" : `set ${variable}=1`;
  const types = [...new Set(actions.map((action) => resourceTypes[action]))];
  return `@id("${id}")
@reason("${reason}")
@remedy("${remedy}")
forbid (
  principal,
  action in [
${names}
  ],
  resource${types.length === 1 ? ` is ${types[0]}` : ""}
);
`;
}
