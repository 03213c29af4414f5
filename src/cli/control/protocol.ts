// How `status`, `reload`, `down` and containerd's verifier talk to a running Plimsoll: one line of JSON each way over a private socket.

import { join } from "node:path";
import {
  array,
  boolean,
  type Decoded,
  type Decoder,
  integer,
  literal,
  object,
  optional,
  string,
} from "../../base/schema.ts";

const requestFields = {
  /** `stop-gate` leaves a managed engine and its containers running. */
  ask: literal("status", "reload", "stop", "stop-gate", "judge-image"),
  /** Of the image to judge. */
  name: optional(string),
  digest: optional(string),
};

export const controlRequest: Decoder<Decoded<ReturnType<typeof object<typeof requestFields>>>> = object(requestFields);

export type ControlRequest = Decoded<typeof controlRequest>;

const listenerFields = {
  name: string,
  address: string,
  mode: literal("observe", "warn", "enforce"),
  policies: array(string),
};
const engineFields = { kind: string, version: string, apiVersion: string, socket: string, isManaged: boolean };

const statusFields = {
  pid: integer,
  version: string,
  /** RFC 3339. */
  startedAt: string,
  /** "" when defaults hold. */
  configurationFile: string,
  listeners: array(object(listenerFields)),
  engine: object(engineFields),
  policyGeneration: integer,
  /** Its file is "" where there is none. */
  trust: object({ file: string, counter: integer, rules: integer }),
  /** Records in the audit log. */
  auditSize: integer,
  /** Since the start. */
  counters: object({ allowed: integer, denied: integer, wouldDeny: integer }),
  memoryBytes: integer,
  /** `on, 51 rules`, or why nobody watches. */
  watch: string,
};

export const serviceStatus: Decoder<Decoded<ReturnType<typeof object<typeof statusFields>>>> = object(statusFields);
export type ServiceStatus = Decoded<typeof serviceStatus>;

export const controlFailure = object({ code: string, message: string, hint: string });

/** A request or a reply is never longer. */
export const maxLineBytes: number = 64 * 1024;

export function controlSocket(runtimeFolder: string): string {
  return join(runtimeFolder, "control.sock");
}

export function pidFile(runtimeFolder: string): string {
  return join(runtimeFolder, "plimsoll.pid");
}
