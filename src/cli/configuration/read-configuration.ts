// The configuration file -> every choice, or the first mistake in it. Without a file the defaults are a working set-up.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { yaml } from "../../base/yaml.ts";
import type { AuditConfiguration, Configuration, EngineChoice, LimitsConfiguration } from "./configuration.ts";
import { defaultAdmission, defaultAudit, defaultLimits, defaultListener, defaultWatch } from "./defaults.ts";
import { chooseFolders } from "./folders.ts";
import { findGroupId } from "./group-id.ts";
import { readAdmission } from "./read-admission.ts";
import { readAddress, readListener, readPath } from "./read-listener.ts";
import { readWatch } from "./read-watch.ts";
import {
  readBytes,
  readChoice,
  readFlag,
  readInteger,
  readKeys,
  readList,
  readText,
  type Setting,
  wrong,
} from "./setting.ts";
import { socketProxyEngine, socketProxyVariables } from "./socket-proxy.ts";

export type ConfigurationSource = {
  /** Named on the command line: it has to exist. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
};

/** Far beyond any real file; a device or a log given by mistake stops here. */
const maxFileBytes = 1024 * 1024;

const keys = [
  "engine",
  "userNamespaces",
  "state",
  "runtime",
  "listeners",
  "audit",
  "metrics",
  "limits",
  "admission",
  "profiles",
  "watch",
] as const;

/** @throws PlimsollError CONFIG_INVALID */
export function readConfiguration(source: ConfigurationSource): Configuration {
  const folders = chooseFolders(source.environment, source.isRoot);
  const file = source.file ?? join(folders.configuration, "plimsoll.yaml");
  const text = readFile(file, source.file !== undefined);
  const root = text === undefined ? undefined : parseSettings(file, text);
  const found = root === undefined ? {} : readKeys(root, keys);
  const runtimeFolder = found.runtime === undefined ? folders.runtime : readPath(found.runtime);
  return {
    file: text === undefined ? "" : file,
    engine: found.engine === undefined ? usualEngine(source, text === undefined) : readEngine(found.engine),
    userNamespaces: found.userNamespaces !== undefined && readFlag(found.userNamespaces),
    stateFolder: found.state === undefined ? folders.state : readPath(found.state),
    runtimeFolder,
    listeners: found.listeners === undefined ? [defaultListener(runtimeFolder)] : readListeners(found.listeners),
    audit: found.audit === undefined ? defaultAudit : readAudit(found.audit),
    ...(found.metrics === undefined ? {} : readMetrics(found.metrics)),
    limits: found.limits === undefined ? defaultLimits : readLimits(found.limits),
    admission: found.admission === undefined ? defaultAdmission : readAdmission(found.admission),
    profiles:
      found.profiles === undefined
        ? { folder: join(folders.configuration, "profiles"), isRequired: false }
        : { folder: readPath(found.profiles), isRequired: true },
    watch: found.watch === undefined ? defaultWatch : readWatch(found.watch),
    socketProxy: socketProxyVariables(source.environment),
  };
}

function readFile(file: string, isRequired: boolean): string | undefined {
  try {
    if (statSync(file).size > maxFileBytes) throw new Error(`more than ${maxFileBytes} bytes`);
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (!isRequired && isMissing(cause)) return undefined;
    throw new PlimsollError("CONFIG_INVALID", `${file}: cannot be read: ${errorText(cause)}`, {
      hint: "name a file that exists and that this user may read",
      cause,
    });
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}

/** @returns undefined for a file with comments only */
function parseSettings(file: string, text: string): Setting | undefined {
  const lines = new (yaml().LineCounter)();
  const document = yaml().parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined)
    throw notYaml(`${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`, problem);
  const node = document.contents;
  if (node === null || (yaml().isScalar(node) && node.value === null)) return undefined;
  const root: Setting = { source: { file, lines }, path: "", node };
  if (!yaml().isMap(node)) throw wrong(root, "a map of keys");
  return root;
}

function notYaml(message: string, cause: unknown): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", message, {
    hint: "correct the YAML of this line or the one before",
    cause,
  });
}

export function parseEngine(text: string): EngineChoice | undefined {
  if (text === "auto" || text === "managed") return { kind: text };
  const path = /^unix:\/\/(\/[^\0]+)$/.exec(text)?.[1];
  return path === undefined ? undefined : { kind: "socket", path };
}

/** Beside a configuration file the variables of socket proxies count for nothing. */
function usualEngine({ environment }: ConfigurationSource, hasNoFile: boolean): EngineChoice {
  const path = hasNoFile ? socketProxyEngine(environment) : undefined;
  return path === undefined ? { kind: "auto" } : { kind: "socket", path };
}

function readEngine(setting: Setting): EngineChoice {
  const engine = parseEngine(readText(setting));
  if (engine === undefined) throw wrong(setting, "auto, managed or unix:///path/of/the/socket");
  return engine;
}

function readListeners(setting: Setting): Configuration["listeners"] {
  const listeners = readList(setting, (item) => readListener(item, findGroupId));
  if (listeners.length === 0) throw wrong(setting, "at least one listener");
  const names = listeners.map((listener) => listener.name);
  if (new Set(names).size < names.length) throw wrong(setting, "listeners with different names");
  return listeners;
}

function readAudit(setting: Setting): AuditConfiguration {
  const found = readKeys(setting, ["keepDays", "maxBytes", "onFull", "witness", "tiles"]);
  return {
    keepDays: found.keepDays === undefined ? defaultAudit.keepDays : readInteger(found.keepDays, 0, 36_500),
    maxBytes: found.maxBytes === undefined ? defaultAudit.maxBytes : readBytes(found.maxBytes),
    onFull: found.onFull === undefined ? defaultAudit.onFull : readChoice(found.onFull, ["refuse", "serve"]),
    ...(found.witness === undefined ? {} : { witness: readPath(found.witness) }),
    ...(found.tiles === undefined ? {} : { tiles: readPath(found.tiles) }),
  };
}

function readMetrics(setting: Setting): Pick<Configuration, "metrics"> {
  const found = readKeys(setting, ["listen"]);
  return found.listen === undefined ? {} : { metrics: readAddress(found.listen) };
}

function readLimits(setting: Setting): LimitsConfiguration {
  const found = readKeys(setting, ["bodyBytes", "connections"]);
  return {
    bodyBytes: found.bodyBytes === undefined ? defaultLimits.bodyBytes : readBodyLimit(found.bodyBytes),
    connections:
      found.connections === undefined ? defaultLimits.connections : readInteger(found.connections, 1, 1_000_000),
  };
}

/** Engines since 29.3.1 refuse more themselves, so that authorization plugins see all of it. */
function readBodyLimit(setting: Setting): number {
  const bytes = readBytes(setting);
  if (bytes < 1024 || bytes > defaultLimits.bodyBytes) throw wrong(setting, "a size from 1 kiB to 4 MiB");
  return bytes;
}
