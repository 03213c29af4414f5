// One call of the engine's API, as data: what it is called, what it may carry, and what it does.

import type { Action, ResourceType } from "../model/action.ts";

export type Route = {
  /** The operation's name in the API description, `ContainerCreate`. */
  readonly id: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** `/containers/{id}/json`; `{name}` of an image is the one greedy parameter and may span segments. */
  readonly path: string;
  /** First and last API version that has it, `1.24`; absent: all. */
  readonly since?: string;
  readonly until?: string;
  readonly surface: "docker" | "libpod";
  readonly action: Action;
  readonly resource: ResourceType;
  /** The path parameter that names the resource; absent for lists, creations and the engine itself. */
  readonly resourceParam?: string;
  readonly query: Readonly<Record<string, QueryType>>;
  readonly body: RouteBody;
  readonly response: RouteResponse;
};

/** How the engine reads a query value; `list` may repeat, `json` holds a JSON document (`filters`, `buildargs`). */
export type QueryType = "string" | "boolean" | "integer" | "list" | "json";

export type RouteBody =
  | { readonly kind: "none" }
  /** `schema` names an entry of the schema table; `optional` bodies may be empty. */
  | { readonly kind: "json"; readonly schema: string; readonly optional: boolean }
  /** A tar stream, possibly compressed: build context, image archive, files for a container. */
  | { readonly kind: "tar"; readonly content: "context" | "image" | "files" | "plugin" | "filesystem" }
  | { readonly kind: "text" };

export type RouteResponse =
  | { readonly kind: "json" }
  /** Ends when the client leaves: logs, events, stats, progress. Never a time-out. */
  | { readonly kind: "stream" }
  /** Large bytes: save, export, archive. */
  | { readonly kind: "bytes" }
  /** The connection turns into a raw two-way stream: attach, exec start, attach/ws, session, grpc. */
  | { readonly kind: "hijack" }
  | { readonly kind: "empty" };
