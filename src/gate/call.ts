// The nouns of the gate: a request as it came, the call it means, what it refers to, and the plan for its answer.

import type { Route } from "../engine/route.ts";
import type { Mode, Resource } from "../model/decision.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { ChosenByProfile, WatchDemands } from "../model/profile.ts";
import type { InspectedTar } from "./uploads/inspected-tar.ts";

/** The request line and headers, untouched, as Node's strict parser read them. */
export type RequestHead = {
  readonly method: string;
  /** The raw request target: path, query, perhaps absolute form. */
  readonly target: string;
  /** `1.1` */
  readonly httpVersion: string;
  /** Name, value, name, value... as received. */
  readonly rawHeaders: readonly string[];
};

/** What an operator configured for one listener. */
export type ListenerProfile = {
  readonly name: string;
  readonly transport: "unix" | "tls" | "authz-plugin";
  readonly mode: Mode;
  /** Unknown keys and query parameters: refuse (strict), or drop (compat). */
  readonly unknownFields: "refuse" | "drop";
  /** Names of the policy sets that judge here, `baseline` or a path. */
  readonly policies: readonly string[];
  /** Identity providers in the order they are asked. */
  readonly identity: readonly string[];
  /** Everything made here belongs to this owner; absent: to the caller. */
  readonly owner?: string;
};

/** The request, understood: every name in canonical case, every value typed, nothing else left. */
export type Call = {
  readonly route: Route;
  /** Clamped to what engine and Plimsoll know, `1.41`. */
  readonly apiVersion: string;
  /** Path parameters, percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
  /** Only parameters that the route has; single values have one element. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: CallBody;
  /**
   * Headers that the engine needs beside those we write: `x-registry-auth`, `x-registry-config`, `content-type` of a tar,
   * `upgrade` where the caller asked for a raw stream. Lower case. A list is a header that stands several times.
   */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
};

export type CallBody =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly value: JsonObject }
  /** The few bodies that are an array: plugin privileges and settings. */
  | { readonly kind: "list"; readonly value: readonly JsonValue[] }
  /** Bytes that stream through an inspector. */
  | { readonly kind: "stream" };

/** A call whose names have been replaced by the engine's full ids, with what is known of each. */
export type PinnedCall = {
  readonly call: Call;
  readonly resource: Resource;
  /** Everything the call names beside its resource. */
  readonly references: readonly Reference[];
  /** What fact makers need and only the engine or the host knows. */
  readonly known: KnownFacts;
};

export type Reference = {
  readonly role: "image" | "network" | "volume" | "container" | "tag" | "secret" | "config";
  /** As the caller wrote it. */
  readonly name: string;
  /** Full id; the name where the engine has no id; "" when it does not exist yet. */
  readonly id: string;
  readonly owner: string;
  readonly isShared: boolean;
  /** False: the engine would create it, or fail. */
  readonly exists: boolean;
};

export type KnownFacts = {
  /** The image's own user, "" for root. */
  readonly imageUser: string;
  readonly imageId: string;
  /** The image declares volumes: the engine makes one for each, under a random name. */
  readonly imageDeclaresVolumes: boolean;
  /** Bind source as asked, and as sent -> path after symlinks; missing sources are absent. */
  readonly realPaths: Readonly<Record<string, string>>;
  /** Driver options of existing named volumes that the call mounts. */
  readonly volumeOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** User of the container that an exec enters; "" for root. */
  readonly containerUser: string;
  /** Host paths that no container may bind: engine sockets and data, Plimsoll's own files. */
  readonly protectedPaths: readonly string[];
  /** Networks that the host itself is in, `192.168.1.7/24`; absent where no network is made. */
  readonly hostSubnets?: readonly string[];
  /** What profiles did to the request; absent when none applied. */
  readonly hardened?: {
    readonly profiles: readonly string[];
    /** Sentences for the caller. */
    readonly changes: readonly string[];
    readonly chosen: ChosenByProfile;
    readonly watch: WatchDemands;
  };
};

/** How the engine's answer reaches the caller. */
export type ResponsePlan =
  /** Bytes go through as they are. */
  | { readonly kind: "pass" }
  /** The whole JSON answer is read (within a limit), changed and re-serialized; a throw withholds it. */
  | {
      readonly kind: "json";
      readonly change: (value: JsonValue) => JsonValue | Promise<JsonValue>;
      /** What decides on the change beside the value, as text: a value that comes again with the same basis is not changed again. */
      readonly basis?: (value: JsonValue) => Promise<string>;
      /** Looks at an answer that is written as usual, in latin1; true when nothing of it changes, and `change` need not see it. */
      readonly glance?: (document: string) => boolean;
    }
  /** Newline-delimited or RFC 7464 JSON, record by record; undefined drops the record. */
  | {
      readonly kind: "records";
      readonly change: (value: JsonValue) => JsonValue | undefined;
      /** Asked once, after the last record of an answer that was no error: what it returns is appended. */
      readonly last?: () => Promise<readonly JsonValue[]>;
    }
  /** A two-way stream after the engine agreed; nothing else. */
  | { readonly kind: "tunnel" };

/** What is sent to the engine: built by us from the call, never copied from the caller's bytes. */
export type EngineRequest = {
  /** Requests with the same object here have the same head, byte for byte, whoever asks. */
  readonly sameHead?: object;
  readonly method: string;
  /** Path and query, canonical and escaped. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    | { readonly kind: "stream"; readonly inspect?: InspectedTar };
};
