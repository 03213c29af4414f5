// One slice, one question -> Cedar's answer, remembered for questions that look the same to the slice's policies.

import type { CedarValueJson, EntityJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { FactValue } from "../model/facts.ts";
import type { Principal } from "../model/principal.ts";
import type { CedarAnswer, CedarRequest } from "./cedar.ts";
import type { Memory } from "./memory.ts";
import type { Projection, Reading } from "./projection.ts";
import type { Slice } from "./slice.ts";

/** A question in Cedar's words: grants are asked in the same way as calls. */
export type CedarQuestion = {
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
  readonly context: Readonly<Record<string, FactValue>>;
};

export function judge(slice: Slice, question: CedarQuestion, memory: Memory<CedarAnswer>): CedarAnswer {
  const request = requestOf(question, slice.projection);
  const key = JSON.stringify([slice.name, request]);
  const remembered = memory.get(key);
  if (remembered !== undefined) return remembered;
  const answer = slice.set.ask(request);
  memory.set(key, answer);
  return answer;
}

/** The question with only those parts that the projection can see. */
export function requestOf(question: CedarQuestion, seen: Projection): CedarRequest {
  const { principal, resource } = question;
  const user = { type: "User", id: seen.principal.identity ? principal.id : "" };
  const object = { type: resource.type, id: seen.resource.identity ? resource.id : "" };
  const action = { type: "Action", id: question.action };
  const entities: EntityJson[] = [
    {
      uid: user,
      attrs: pick(principalAttributes(question), seen.principal),
      parents: seen.principal.identity ? principal.groups.map((id) => ({ type: "Group", id })) : [],
    },
    {
      uid: object,
      attrs: pick(resourceAttributes(question), seen.resource),
      parents: [],
    },
  ];
  if (seen.action.identity) {
    const parents = [...question.actionGroups].map((id) => ({ type: "Action", id }));
    entities.push({ uid: action, attrs: {}, parents });
  }
  return { principal: user, action, resource: object, context: pick(question.context, seen.context), entities };
}

function principalAttributes({ principal, grants }: CedarQuestion): Readonly<Record<string, FactValue>> {
  return {
    name: principal.name,
    owner: principal.owner,
    kind: principal.kind,
    provider: principal.provider,
    container: principal.process?.container ?? "",
    uid: principal.process?.uid ?? -1,
    grants: [...grants].sort(),
  };
}

function resourceAttributes({ resource }: CedarQuestion): Readonly<Record<string, FactValue>> {
  const attributes = { name: resource.name, owner: resource.owner, shared: resource.isShared };
  return resource.isWritable === undefined ? attributes : { ...attributes, writable: resource.isWritable };
}

function pick(values: Readonly<Record<string, FactValue>>, seen: Reading): Record<string, CedarValueJson> {
  const picked: Record<string, CedarValueJson> = {};
  for (const [name, value] of Object.entries(values)) {
    if (seen.attributes !== "all" && !seen.attributes.has(name)) continue;
    picked[name] = typeof value === "object" ? [...value] : value;
  }
  return picked;
}
