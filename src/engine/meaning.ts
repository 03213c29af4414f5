// What the API description does not say of a route: which action it is, on what, and what flows.

import type { Action, ResourceType } from "../model/action.ts";
import type { QueryType, Route, RouteBody, RouteResponse } from "./route.ts";

/** A route as the engine's own description has it. */
export type DescribedRoute = {
  readonly id: string;
  readonly method: Route["method"];
  readonly path: string;
  readonly since?: string;
  readonly until?: string;
  readonly query: Readonly<Record<string, QueryType>>;
};

export type Meaning = {
  readonly action: Action;
  readonly resource: ResourceType;
  /** Path parameter that names the resource. */
  readonly param?: string;
  /** Absent: none. */
  readonly body?: RouteBody;
  /** Absent: json. */
  readonly response?: RouteResponse["kind"];
  /** Parameters that the engine reads but does not describe, and those whose type it describes too loosely. */
  readonly query?: Readonly<Record<string, QueryType>>;
};

/** A route that no description has: written out in full. */
export type UndescribedRoute = DescribedRoute & Meaning;

/** @param schema entry of the table of bodies; the route's id */
export function json(schema: string): RouteBody {
  return { kind: "json", schema, optional: false };
}

export function optionalJson(schema: string): RouteBody {
  return { kind: "json", schema, optional: true };
}
