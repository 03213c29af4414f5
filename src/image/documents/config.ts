// The config of an image: its digest is the image's id. What it claims is only read here, never believed.
// Source: OCI image-spec v1.1.0, config.md; moby image/spec/v1.2 for healthchecks and ONBUILD.

import { malformed } from "../../base/errors.ts";
import {
  array,
  boolean,
  type Decoded,
  integer,
  nullable,
  object,
  optional,
  record,
  string,
} from "../../base/schema.ts";
import type { Digest, HistoryLine, ImageConfig } from "../../model/image.ts";
import { digest } from "./digest.ts";
import { readDocument, spelledExactly } from "./document.ts";

const texts = optional(array(string));
const runFields = {
  User: optional(string),
  Env: texts,
  Entrypoint: texts,
  Cmd: texts,
  WorkingDir: optional(string),
  Labels: optional(record(string)),
  ExposedPorts: optional(record(nullable(object({})))),
  Volumes: optional(record(nullable(object({})))),
  OnBuild: texts,
  StopSignal: optional(string),
  Healthcheck: optional(object({ Test: texts, Interval: optional(integer) })),
};
const historyLine = object({
  created: optional(string),
  created_by: optional(string),
  comment: optional(string),
  empty_layer: optional(boolean),
});
const rootfs = object({ type: string, diff_ids: optional(array(digest)) });
const fields = {
  os: string,
  architecture: string,
  variant: optional(string),
  created: optional(string),
  config: optional(spelledExactly(Object.keys(runFields), object(runFields))),
  rootfs: spelledExactly(["type", "diff_ids"], rootfs),
  history: optional(array(historyLine)),
};
const document = spelledExactly(Object.keys(fields), object(fields));

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, AMBIGUOUS_INPUT */
export function readConfig(bytes: Uint8Array, maxBytes: number): ImageConfig {
  const config = readDocument(bytes, { what: "image config", maxBytes, decoder: document });
  if (config.rootfs.type !== "layers")
    throw malformed("image config", `expected rootfs.type layers, found ${JSON.stringify(config.rootfs.type)}`);
  const run = config.config ?? {};
  return {
    platform: { os: config.os, architecture: config.architecture, variant: config.variant ?? "" },
    created: config.created ?? "",
    user: run.User ?? "",
    env: run.Env ?? [],
    entrypoint: run.Entrypoint ?? [],
    command: run.Cmd ?? [],
    workingDirectory: run.WorkingDir ?? "",
    labels: run.Labels ?? {},
    exposedPorts: Object.keys(run.ExposedPorts ?? {}),
    volumes: Object.keys(run.Volumes ?? {}),
    onBuild: run.OnBuild ?? [],
    stopSignal: run.StopSignal ?? "",
    healthcheck: run.Healthcheck?.Test ?? [],
    healthcheckInterval: run.Healthcheck?.Interval ?? 0,
    diffIds: config.rootfs.diff_ids ?? [],
    history: (config.history ?? []).map(toHistoryLine),
  };
}

/** For each layer what made it, as the history says; "" for all when the history does not fit the layers. */
export function creatorsOf(config: ImageConfig): readonly string[] {
  const lines = config.history.filter((line) => !line.isEmptyLayer);
  return config.diffIds.map((_: Digest, index) =>
    lines.length === config.diffIds.length ? (lines[index]?.createdBy ?? "") : "",
  );
}

function toHistoryLine(line: Decoded<typeof historyLine>): HistoryLine {
  return {
    createdBy: line.created_by ?? "",
    created: line.created ?? "",
    comment: line.comment ?? "",
    isEmptyLayer: line.empty_layer ?? false,
  };
}
