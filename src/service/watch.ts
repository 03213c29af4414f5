// The watch beside the gate: started where it can work, and told of by a sentence where it cannot.

import { hostname } from "node:os";
import { join } from "node:path";
import { programVersion } from "../base/program-version.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import { watchSocket } from "../cli/watch/watch-socket.ts";
import type { EngineClient } from "../engine/engine.ts";
import type { Gate } from "../gate/gate.ts";
import type { Alert, ContainerProtection, ProtectionLevel } from "../model/watch.ts";
import { openWatchStore } from "../store/watch-store.ts";
import type { OpenOutput } from "../watch/output.ts";
import { outputs } from "../watch/outputs.generated.ts";
import { shippedRules } from "../watch/rules/load-rules.ts";
import type { WatchSettings } from "../watch/service/messages.ts";
import { pinFolderOf } from "../watch/service/pin-folder.ts";
import { openWatchService, type WatchService, type WatchState } from "../watch/service/watch-service.ts";
import { askAgain, type PoliciesOf } from "./ask-again.ts";
import { openEngineFolders } from "./engine-folders.ts";
import { forgetRemoved } from "./forget-removed.ts";
import { protectMore } from "./protect-more.ts";
import { renderWatchMetrics } from "./watch-metrics.ts";

export type RunningWatch = {
  readonly forGate: Pick<Gate, "watch">;
  state(): WatchState;
  /** @returns a function that stops it */
  onAlert(listener: (alert: Alert) => void): () => void;
  /** Policy is asked again about every container that it was asked about. @throws PlimsollError RULES_INVALID */
  reload(policiesOf: PoliciesOf): Promise<void>;
  metrics(): string;
};

export type WatchSurroundings = {
  readonly client: EngineClient;
  readonly engineHeaders: Readonly<Record<string, string>>;
  /** The data root of the engine, and folders of Plimsoll. */
  readonly protectedPaths: readonly string[];
  readonly started: AsyncDisposableStack;
  tell(text: string): void;
};

/** Of the host's own system: what a container writes there is done to the host. */
const systemPaths = ["/bin", "/boot", "/etc", "/lib", "/lib64", "/root", "/sbin", "/usr"];
/** Longer nobody waits for it before the gate opens. */
const startPatienceMs = 10_000;

/** @throws PlimsollError CONFIG_INVALID, STORE_UNAVAILABLE */
export async function openWatch(configuration: Configuration, around: WatchSurroundings): Promise<RunningWatch> {
  const why = whyNot(configuration);
  if (why !== undefined) return notWatching(configuration, why);
  const { started, tell } = around;
  const store = openWatchStore(configuration.stateFolder);
  started.defer(() => store.close());
  const folders = openEngineFolders(around.protectedPaths, (added) => {
    service.protectUnknown(unknown());
    void protectMore(added, { service, store, tell });
  });
  started.defer(() => folders.close());
  const protectedPaths = (): readonly string[] => [...systemPaths, ...folders.paths()];
  const unknown = (): ContainerProtection => unknownProtection(configuration.watch.unknown, protectedPaths());
  const service = openWatchService({
    ...{ store, notice: tell, nowMs: () => Date.now() },
    settings: {
      socketPath: watchSocket(configuration.runtimeFolder),
      engineSocket: around.client.socket,
      engineHeaders: around.engineHeaders,
      ruleFiles: [shippedRules, ...configuration.watch.rules],
      withAllRules: configuration.watch.ruleset === "all",
      unknown: unknown(),
      nameServers: configuration.watch.nameServers,
      pinFolder: pinFolderOf(configuration.stateFolder),
      codeFolder: join(configuration.stateFolder, "watch-code"),
      evidenceFolder: join(configuration.stateFolder, "evidence"),
      evidenceMaxBytes: configuration.watch.evidenceMaxBytes,
      ...malwareSettings(configuration),
    },
  });
  started.defer(() => service.close());
  const forgetting = {
    known: () => store.protectedContainers().map(({ container }) => container.id),
    forget: (id: string) => service.forget(id),
  };
  started.defer(forgetRemoved(around.client, forgetting));
  const opened = openOutputs(configuration, service, around);
  await Promise.race([service.settled(), after(startPatienceMs)]);
  return {
    forGate: { watch: gateOf(service, configuration, protectedPaths) },
    state: () => service.state(),
    onAlert: (listener) => service.alerts.onAlert(listener),
    async reload(policiesOf) {
      await service.reload();
      await askAgain({ service, store, policiesOf, protectedPaths: protectedPaths(), tell });
    },
    metrics: () => renderWatchMetrics(service, opened),
  };
}

/** The rules, lists and clamd that images are scanned with. */
function malwareSettings({ watch, admission }: Configuration): Pick<WatchSettings, "malware"> {
  const { enabled, maxFileBytes, timeoutMs } = watch.malware;
  if (enabled === "no") return {};
  const { ruleFiles, clamdSocket } = admission;
  return { malware: { ruleFiles, clamdSocket, maxFileBytes, timeoutMs } };
}

function whyNot({ watch }: Configuration): Extract<WatchState, { kind: "off" }> | undefined {
  if (watch.enabled === "no") return { kind: "off", reason: "it is switched off (watch.enabled)", hint: "" };
  if (process.platform !== "linux") return { kind: "off", reason: `this is ${process.platform}, not Linux`, hint: "" };
  if (process.geteuid?.() === 0) return undefined;
  return { kind: "off", reason: "programs for the kernel may be loaded by root only", hint: "run plimsoll as root" };
}

function notWatching(configuration: Configuration, state: Extract<WatchState, { kind: "off" }>): RunningWatch {
  const refuse = async (): Promise<void> => undefined;
  const watch = { isRequired: true, whyNot: () => state.reason, protect: refuse, protectedPaths: [] };
  return {
    forGate: configuration.watch.required ? { watch } : {},
    state: () => state,
    onAlert: () => () => undefined,
    reload: async () => undefined,
    metrics: () => renderWatchMetrics(undefined, []),
  };
}

function gateOf(
  service: WatchService,
  { watch }: Configuration,
  protectedPaths: () => readonly string[],
): Gate["watch"] & {} {
  return {
    isRequired: watch.required,
    get protectedPaths() {
      return protectedPaths();
    },
    whyNot() {
      const state = service.state();
      if (state.kind === "on") return "";
      return state.kind === "starting" ? "it is still starting" : state.reason;
    },
    protect: ({ container, protection, asked }) => service.protect(container, protection, asked),
  };
}

function unknownProtection(level: ProtectionLevel, protectedPaths: readonly string[]): ContainerProtection {
  return {
    levels: {
      ...{ drift: level, memory: level, escape: level, "host-paths": level },
      ...{ network: level, malware: level, mining: level },
    },
    ...{ connect: undefined, bind: undefined, protectedPaths },
  };
}

function openOutputs(
  configuration: Configuration,
  service: WatchService,
  around: WatchSurroundings,
): readonly OpenOutput[] {
  const opened = configuration.watch.outputs.map((settings) => {
    const output = outputs.find(({ name }) => name === settings.kind);
    return output?.open(settings, {
      spoolFolder: join(configuration.stateFolder, "spool"),
      hostName: hostname(),
      version: programVersion(),
      write: (text) => process.stdout.write(text),
      onProblem: around.tell,
    });
  });
  const all = opened.filter((output) => output !== undefined);
  for (const output of all) around.started.defer(() => output.close());
  around.started.defer(
    service.alerts.onAlert((alert) => {
      for (const output of all) output.tell(alert);
    }),
  );
  return all;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
