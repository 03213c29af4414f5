// Podman reads more into Docker's requests than Docker does: its handlers turn them into the options of its own command line.
// What would mean something else there is refused before an engine that is not Docker.
// Source: containers/podman v5.4, pkg/api/handlers/compat (containers_create.go, cliOpts; images_build.go), pkg/specgenutil
// (volumes.go, GetVolumes), pkg/env (ParseSlice), pkg/specgen (volumes.go, GenVolumeMounts); containers/buildah, imagebuildah.

import { fieldsAt, listAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import type { EngineDescription } from "../../engine/engine.ts";
import type { Call } from "../call.ts";
import type { Refusal } from "../refusal.ts";
import { quoted, refused } from "./refused.ts";

type Reading = { readonly where: string; readonly found: string; readonly means: string };

/** @throws Refusal for what this engine would take for something else than Docker does */
export function refuseOtherReadings(call: Call, engine: EngineDescription): void {
  if (engine.kind === "docker") return;
  const [first] = readingsOf(call);
  if (first !== undefined) throw otherReading(first);
}

function readingsOf(call: Call): readonly Reading[] {
  if (call.route.action === "image.build") return buildReadings(call);
  if (call.route.action !== "container.create" || call.body.kind !== "json") return [];
  const { value } = call.body;
  return [
    ...Object.keys(fieldsAt(value, "Volumes")).flatMap(volumeReading),
    ...textsAt(value, "HostConfig", "Binds").flatMap(bindReading),
    ...listAt(value, "HostConfig", "Mounts").flatMap(mountReading),
    ...logReading(textMapAt(value, "HostConfig", "LogConfig", "Config")),
    ...textsAt(value, "Env").flatMap(variableReading),
  ];
}

/** It becomes `--volume`, where the colon has a meaning. */
function volumeReading(path: string): readonly Reading[] {
  return path.includes(":") ? [{ where: "Volumes", found: path, means: "a bind of a host folder" }] : [];
}

/** Options that Docker has, of which none reaches past the mount itself. */
const bindOptions = /^(?:r[ow]|z|Z|r?(?:shared|slave|private)|nocopy|consistent|cached|delegated|)$/;
const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** A relative path is one of the host; options bring overlays with folders of the host, devices and foreign owners. */
function bindReading(bind: string): readonly Reading[] {
  const [source = "", target, options = ""] = bind.split(":");
  if (target === undefined) return [];
  const where = "HostConfig.Binds";
  if (!source.startsWith("/") && !volumeName.test(source))
    return [{ where, found: source, means: "a path of the host" }];
  const strange = options.split(",").find((option) => !bindOptions.test(option));
  return strange === undefined ? [] : [{ where, found: strange, means: "an option that reaches past the mount" }];
}

/** Its fields become one line of `--mount`, where a comma begins the next option. */
function mountReading(mount: unknown): readonly Reading[] {
  const texts = [
    ...["Type", "Source", "Target", "Consistency"].map((key) => textAt(mount, key)),
    textAt(mount, "BindOptions", "Propagation"),
  ];
  const strange = texts.find((text) => /[,"\r\n]/.test(text));
  return strange === undefined ? [] : [{ where: "HostConfig.Mounts", found: strange, means: "more options" }];
}

const logOptions = /^(?:max-size|max-file|max-buffer-size|compress|tag|mode|labels|labels-regex|env|env-regex)$/;

/** `path` names the file, anywhere on the host. */
function logReading(options: Readonly<Record<string, string>>): readonly Reading[] {
  const strange = Object.keys(options).find((key) => !logOptions.test(key));
  const means = "an option of the log that reaches the host";
  return strange === undefined ? [] : [{ where: "HostConfig.LogConfig", found: strange, means }];
}

function variableReading(variable: string): readonly Reading[] {
  return variable.includes("=") ? [] : [{ where: "Env", found: variable, means: "the variables of the engine itself" }];
}

/** `dockerfile` may be a JSON list of paths and URLs, and what ends in .in goes through a preprocessor, which includes host files. */
function buildReadings({ query }: Call): readonly Reading[] {
  const [dockerfile = ""] = query["dockerfile"] ?? [];
  const isPlain = /^[A-Za-z0-9_./@+-]*$/.test(dockerfile) && !dockerfile.endsWith(".in");
  const [outputs = ""] = query["outputs"] ?? [];
  return [
    ...(isPlain
      ? []
      : [{ where: "query dockerfile", found: dockerfile, means: "more than the path of one Dockerfile" }]),
    ...(outputs === "" ? [] : [{ where: "query outputs", found: outputs, means: "a folder of the host" }]),
  ];
}

function otherReading({ where, found, means }: Reading): Refusal {
  return refused({
    code: "AMBIGUOUS_INPUT",
    slug: "other-reading",
    status: 403,
    reason: `${where}: ${quoted(found)} means ${means} to Podman`,
    hint: "write it as Docker's documentation does, without options of Podman",
  });
}
