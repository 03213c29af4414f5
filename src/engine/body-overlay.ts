// What the engine's Go types have and its published description lacks, found by comparing both for 20.10, 24, 28 and 1.56.
// Source: moby/moby, api/types (strslice.StrSlice reads a string as a list of one; struct{} is an object without fields).

import type { BodySchema } from "./body-schema.ts";

const text = { kind: "string" } as const;
const flag = { kind: "boolean" } as const;
const integer = { kind: "integer" } as const;
const strings = { kind: "strings" } as const;
const nothing = object({});

const runConfig = {
  Cmd: strings,
  Entrypoint: strings,
  Shell: strings,
  ExposedPorts: map(nothing),
  Volumes: map(nothing),
};

const mounts = list(object({ ClusterOptions: nothing }));

const clusterVolume = object({
  AccessMode: object({
    BlockVolume: nothing,
    MountVolume: object({ FsType: text, MountFlags: list(text) }),
  }),
  AccessibilityRequirements: object({
    Requisite: list(object({ Segments: map(text) })),
    Preferred: list(object({ Segments: map(text) })),
  }),
  Availability: text,
  CapacityRange: object({ RequiredBytes: integer, LimitBytes: integer }),
  Secrets: list(object({ Key: text, Secret: text })),
});

/** For a registry; also in the headers X-Registry-Auth and X-Registry-Config. */
export const credentials: BodySchema = object({
  username: text,
  password: text,
  auth: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});

const service = object({
  Mode: object({ Global: nothing, GlobalJob: nothing }),
  TaskTemplate: object({
    ContainerSpec: object({ Configs: list(object({ Runtime: nothing })), Mounts: mounts }),
    PluginSpec: object({
      env: list(text),
      privileges: list(object({ name: text, description: text, value: list(text) })),
    }),
  }),
});

export const bodyOverlay: Readonly<Record<string, BodySchema>> = {
  ContainerCreate: object({
    ...runConfig,
    HostConfig: object({ CapAdd: strings, CapDrop: strings, Mounts: mounts }),
  }),
  ImageCommit: object(runConfig),
  ContainerExec: object({ Detach: flag }),
  CheckpointCreate: object({ CheckpointID: text, CheckpointDir: text, Exit: flag }),
  ImagePush: credentials,
  SystemAuth: credentials,
  VolumeCreate: object({ ClusterVolumeSpec: clusterVolume }),
  VolumeUpdate: object({ Spec: clusterVolume }),
  // AcceptancePolicy was in the drafts of 1.24; clients still send it, engines ignore it.
  SwarmInit: object({
    AutoLockManagers: flag,
    Availability: text,
    Spec: object({ AcceptancePolicy: { kind: "any" } }),
  }),
  SwarmJoin: object({ Availability: text }),
  ServiceCreate: service,
  ServiceUpdate: service,
};

function object(fields: Readonly<Record<string, BodySchema>>): BodySchema {
  return { kind: "object", fields };
}

function list(items: BodySchema): BodySchema {
  return { kind: "array", items };
}

function map(values: BodySchema): BodySchema {
  return { kind: "map", values };
}
