// A question in Cedar's words, with only those parts that some policies can see.

import type { CedarValueJson, EntityJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { FactValue } from "../model/facts.ts";
import type { Principal } from "../model/principal.ts";
import type { CedarRequest } from "./cedar.ts";
import type { Projection, Reading } from "./projection.ts";

type Attributes = Readonly<Record<string, FactValue>>;

/** Grants and binds are asked in the same way as calls. */
export type Asked = {
  readonly principal: Principal;
  readonly grants: ReadonlySet<string>;
  readonly action: string;
  readonly actionGroups: ReadonlySet<string>;
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly name: string;
    readonly owner: string;
    readonly isShared: boolean;
    /** Of a path that would be bound. */
    readonly isWritable?: boolean;
  };
  readonly context: Attributes;
};

/** With the attributes of its entities, as the schema names them. */
export type CedarQuestion = Asked & {
  readonly principalAttributes: Attributes;
  readonly resourceAttributes: Attributes;
};

export function toCedarQuestion(asked: Asked): CedarQuestion {
  const { principal, grants, resource } = asked;
  return {
    ...asked,
    principalAttributes: {
      name: principal.name,
      owner: principal.owner,
      kind: principal.kind,
      provider: principal.provider,
      container: principal.process?.container ?? "",
      uid: principal.process?.uid ?? -1,
      grants: [...grants].sort(),
    },
    resourceAttributes: {
      name: resource.name,
      owner: resource.owner,
      shared: resource.isShared,
      ...(resource.isWritable === undefined ? {} : { writable: resource.isWritable }),
    },
  };
}

/** The request with only those parts that the projection can see. */
export function requestOf(question: CedarQuestion, seen: Projection): CedarRequest {
  const { principal, resource } = question;
  const user = { type: "User", id: seen.principal.identity ? principal.id : "" };
  const object = { type: resource.type, id: seen.resource.identity ? resource.id : "" };
  const action = { type: "Action", id: question.action };
  const groups = seen.principal.identity ? principal.groups.map((id) => ({ type: "Group", id })) : [];
  const actionGroups = seen.action.identity ? [...question.actionGroups].map((id) => ({ type: "Action", id })) : [];
  const entities: readonly EntityJson[] = [
    { uid: user, attrs: pick(question.principalAttributes, seen.principal), parents: groups },
    { uid: object, attrs: pick(question.resourceAttributes, seen.resource), parents: [] },
    { uid: action, attrs: {}, parents: actionGroups },
  ];
  const context = pick(question.context, seen.context);
  return { principal: user, action, resource: object, context, entities: entities.filter(hasContent) };
}

/** Of an entity without attributes and groups Cedar needs to know nothing, and it takes time to tell. */
function hasContent({ attrs, parents }: EntityJson): boolean {
  return parents.length > 0 || Object.keys(attrs).length > 0;
}

function pick(values: Attributes, seen: Reading): Record<string, CedarValueJson> {
  const names = seen.attributes === "all" ? Object.keys(values) : seen.attributes;
  const picked: Record<string, CedarValueJson> = {};
  for (const name of names) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) picked[name] = typeof value === "object" ? [...value] : value;
  }
  return picked;
}
