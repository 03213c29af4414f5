// The key `watch` of the configuration file: who looks at what containers do, by which rules, and who is told.

import { isIP } from "node:net";
import type { WatchConfiguration } from "./configuration.ts";
import { defaultWatch } from "./defaults.ts";
import { readPath } from "./read-listener.ts";
import { readMalware } from "./read-malware.ts";
import { readBytes, readChoice, readFlag, readKeys, readList, readText, type Setting, wrong } from "./setting.ts";

const keys = [
  ...(["enabled", "required", "unknown", "ruleset", "rules", "outputs", "evidenceMaxBytes"] as const),
  ...(["nameServers", "malware"] as const),
] as const;
const levels = ["off", "detect", "block"] as const;

/** @throws PlimsollError CONFIG_INVALID */
export function readWatch(setting: Setting): WatchConfiguration {
  const found = readKeys(setting, keys);
  return {
    enabled: found.enabled === undefined ? defaultWatch.enabled : readChoice(found.enabled, ["auto", "no"]),
    required: found.required === undefined ? defaultWatch.required : readFlag(found.required),
    unknown: found.unknown === undefined ? defaultWatch.unknown : readChoice(found.unknown, levels),
    ruleset: found.ruleset === undefined ? defaultWatch.ruleset : readChoice(found.ruleset, ["standard", "all"]),
    rules: found.rules === undefined ? [] : readList(found.rules, readPath),
    outputs: found.outputs === undefined ? [] : readList(found.outputs, readOutput),
    nameServers: found.nameServers === undefined ? [] : readList(found.nameServers, readServer),
    evidenceMaxBytes:
      found.evidenceMaxBytes === undefined ? defaultWatch.evidenceMaxBytes : readSize(found.evidenceMaxBytes),
    malware: found.malware === undefined ? defaultWatch.malware : readMalware(found.malware),
  };
}

function readOutput(setting: Setting): WatchConfiguration["outputs"][number] {
  const found = readKeys(setting, ["kind", "to", "secretFile"]);
  if (found.kind === undefined) throw wrong(setting, "an output with a kind");
  return {
    kind: readChoice(found.kind, ["stdout", "syslog", "webhook"]),
    to: found.to === undefined ? "" : readText(found.to),
    secretFile: found.secretFile === undefined ? "" : readPath(found.secretFile),
  };
}

/** `10.0.0.53`, `10.0.0.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353` */
function readServer(setting: Setting): string {
  const text = readText(setting);
  const [, six, four, port] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const isGood = isIP(text) !== 0 || isIP(six ?? "") === 6 || isIP(four ?? "") === 4;
  if (!isGood || Number(port ?? 53) > 65_535) throw wrong(setting, "an address, 10.0.0.53 or [2001:db8::53]:5353");
  return text;
}

function readSize(setting: Setting): number {
  const bytes = readBytes(setting);
  if (bytes < 1 << 20) throw wrong(setting, "at least 1 MiB");
  return bytes;
}
