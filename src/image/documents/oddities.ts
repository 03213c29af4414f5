// What a config claims that no honest builder writes, or that contradicts the documents that led to it. Told, never obeyed.
// Source: CVE-2024-21626 (working directory), CVE-2024-40635 (user ids beyond 2^31), facts on hostile configs in docs/images.md.

import { placeOf } from "../../base/tar/name.ts";
import type { ImageConfig, Platform } from "../../model/image.ts";
import type { Ambiguity } from "../../model/layer.ts";
import { formatPlatform } from "./platform.ts";

const kernelFolders = /^\/(?:proc|sys|dev)(?:\/|$)/;
const largestId = 2 ** 31 - 1;
const shortestInterval = 1_000_000_000;

/** @param platform as the index says; undefined when there is none */
export function configOddities(config: ImageConfig, platform: Platform | undefined): readonly Ambiguity[] {
  const { workingDirectory: folder, user, volumes, healthcheckInterval, stopSignal } = config;
  const odd: Ambiguity[] = [];
  const note = (rule: string, detail: string): void => {
    odd.push({ rule, path: "", detail });
  };
  if (folder !== "" && !isPlainFolder(folder)) note("config-working-directory", `WORKDIR ${folder}`);
  if (!isPlainUser(user)) note("config-user", `USER ${user}`);
  for (const volume of volumes.filter((path) => !isPlainFolder(path) || path === "/"))
    note("config-volume", `VOLUME ${volume}`);
  if (healthcheckInterval !== 0 && healthcheckInterval < shortestInterval)
    note("config-healthcheck", `a health check every ${healthcheckInterval} ns`);
  if (!/^(?:|\d{1,2}|SIG[A-Z]{2,6}\d?(?:[+-]\d{1,2})?|[A-Z]{2,6}\d?)$/.test(stopSignal))
    note("config-stop-signal", stopSignal);
  if (platform !== undefined && !isSame(platform, config.platform)) {
    note("config-platform", `${formatPlatform(config.platform)}, where the index says ${formatPlatform(platform)}`);
  }
  const made = config.history.filter((line) => !line.isEmptyLayer).length;
  if (config.history.length > 0 && made !== config.diffIds.length)
    note("config-history", `${made} layers in the history, ${config.diffIds.length} in the image`);
  return odd;
}

function isPlainFolder(path: string): boolean {
  return path.startsWith("/") && !kernelFolders.test(`/${placeOf(path).path}`) && placeOf(path).rule !== "dot-dot";
}

/** A name, or a number that fits into 31 bits; the same for a group. */
function isPlainUser(user: string): boolean {
  return user.split(":").length <= 2 && user.split(":").every((id) => !/^[+-]?\d+$/.test(id) || isId(id));
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= largestId;
}

function isSame(left: Platform, right: Platform): boolean {
  return left.os === right.os && left.architecture === right.architecture;
}
