// A container engine behind one interface. Docker and Podman are plugins that find and describe themselves.

import type { Readable } from "node:stream";
import type { Plugin } from "../base/plugin.ts";

/** One kind of engine (`docker`, `podman`): where its sockets usually are and how to recognize it. */
export interface EngineKind extends Plugin {
  /** Absolute socket paths to try, most likely first. */
  sockets(environment: Readonly<Record<string, string | undefined>>): readonly string[];
  /** True when this answer of GET /version is ours. */
  recognizes(version: unknown): boolean;
}

export type EngineDescription = {
  readonly kind: string;
  readonly socket: string;
  /** `20.10.24+dfsg1` */
  readonly version: string;
  readonly apiVersion: string;
  readonly minApiVersion: string;
  /** `linux` / `amd64` */
  readonly os: string;
  readonly arch: string;
  /** Absolute; what no container may bind. */
  readonly dataRoot: string;
};

/** Small questions that the gate asks the engine on its own account. */
export interface EngineClient {
  readonly socket: string;
  /**
   * GET as JSON, parsed by JSON.parse: for our own reading, never forwarded.
   * @param path with version and query, already escaped
   * @returns undefined on 404
   * @throws PlimsollError ENGINE_UNREACHABLE, ENGINE_REFUSED
   */
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  delete(path: string): Promise<void>;
  /** A POST that takes its time and tells of it: a pull. @throws PlimsollError ENGINE_REFUSED also for what it tells */
  work(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  /** One GET whose body never ends: /events. */
  stream(path: string, signal: AbortSignal): Promise<Readable>;
  close(): void;
}
