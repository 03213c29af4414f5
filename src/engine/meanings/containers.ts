// Containers, their archives, checkpoints and exec sessions.
// Source for parameters beyond the description: moby/moby, daemon/server/router/{container,checkpoint}/*_routes.go.

import { json, type Meaning, optionalJson, type UndescribedRoute } from "../meaning.ts";

const one = { resource: "Container", param: "id" } as const;
const all = { resource: "Container" } as const;
const files = { kind: "tar", content: "files" } as const;

export const containerMeanings: Readonly<Record<string, Meaning>> = {
  ContainerList: { ...all, action: "container.list", query: { before: "string", since: "string" } },
  ContainerCreate: { ...all, action: "container.create", body: json("ContainerCreate") },
  ContainerInspect: { ...one, action: "container.inspect" },
  ContainerTop: { ...one, action: "container.top" },
  ContainerLogs: {
    ...one,
    action: "container.logs",
    response: "stream",
    query: { details: "boolean", since: "string", until: "string", format: "string" },
  },
  ContainerChanges: { ...one, action: "container.changes" },
  ContainerExport: { ...one, action: "container.export", response: "bytes" },
  ContainerStats: { ...one, action: "container.stats", response: "stream" },
  ContainerResize: { ...one, action: "container.resize", response: "empty" },
  ContainerStart: {
    ...one,
    action: "container.start",
    response: "empty",
    query: { checkpoint: "string", "checkpoint-dir": "string" },
  },
  ContainerStop: { ...one, action: "container.stop", response: "empty" },
  ContainerRestart: { ...one, action: "container.restart", response: "empty" },
  ContainerKill: { ...one, action: "container.kill", response: "empty" },
  ContainerUpdate: { ...one, action: "container.update", body: json("ContainerUpdate") },
  ContainerRename: { ...one, action: "container.rename", response: "empty" },
  ContainerPause: { ...one, action: "container.pause", response: "empty" },
  ContainerUnpause: { ...one, action: "container.unpause", response: "empty" },
  ContainerAttach: { ...one, action: "container.attach", response: "hijack" },
  ContainerAttachWebsocket: { ...one, action: "container.attach", response: "hijack" },
  ContainerWait: { ...one, action: "container.wait", response: "stream" },
  ContainerDelete: { ...one, action: "container.remove", response: "empty" },
  ContainerArchiveInfo: { ...one, action: "container.archive.read", response: "empty" },
  ContainerArchive: { ...one, action: "container.archive.read", response: "bytes" },
  PutContainerArchive: {
    ...one,
    action: "container.archive.write",
    body: files,
    response: "empty",
    query: { noOverwriteDirNonDir: "boolean", copyUIDGID: "boolean" },
  },
  ContainerPrune: { ...all, action: "container.prune" },
  ImageCommit: {
    resource: "Container",
    action: "container.commit",
    body: optionalJson("ImageCommit"),
    query: { changes: "list" },
  },
  ContainerExec: { ...one, action: "exec.create", body: json("ContainerExec") },
  ExecStart: { resource: "Exec", param: "id", action: "exec.start", body: json("ExecStart"), response: "hijack" },
  ExecResize: { resource: "Exec", param: "id", action: "exec.resize", response: "empty" },
  ExecInspect: { resource: "Exec", param: "id", action: "exec.inspect" },
};

const checkpoints = { ...one, action: "container.checkpoint" } as const;

export const undescribedContainerRoutes: readonly UndescribedRoute[] = [
  {
    ...checkpoints,
    id: "CheckpointList",
    method: "GET",
    path: "/containers/{id}/checkpoints",
    query: { dir: "string" },
  },
  {
    ...checkpoints,
    id: "CheckpointCreate",
    method: "POST",
    path: "/containers/{id}/checkpoints",
    query: {},
    body: json("CheckpointCreate"),
    response: "empty",
  },
  {
    ...checkpoints,
    id: "CheckpointDelete",
    method: "DELETE",
    path: "/containers/{id}/checkpoints/{checkpoint}",
    query: { dir: "string" },
    response: "empty",
  },
];
