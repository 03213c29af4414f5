// Starts the service, tells the world, and stays until somebody asks to stop; then takes everything back.

import type { CommandContext } from "../command.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { type ControlServer, openControlServer } from "../control/server.ts";
import { describeError } from "../run-command-line.ts";
import type { RunningService } from "../service.ts";
import { takeInheritedSockets } from "../systemd/inherited-sockets.ts";
import { connectServiceManager, type ServiceManager } from "../systemd/service-manager.ts";
import { formatAlert } from "../watch/alert-line.ts";
import { banner, exportLine } from "./banner.ts";
import { createCounter, type DecisionCounter } from "./counters.ts";
import { formatDecision, isWorthALine } from "./decision-line.ts";
import { claimRunFolder, removePid, writePid } from "./run-folder.ts";
import { withSocketProxy } from "./socket-proxy.ts";
import { toStatus } from "./status-of.ts";
import { awaitStop, type StopRequest } from "./stop-request.ts";

export type ServeOptions = {
  /** No decision lines. */
  readonly isQuiet: boolean;
  /** Decisions as JSON lines on standard output, everything else on standard error. */
  readonly isJson: boolean;
  /** Runs once everything listens. */
  readonly onReady: () => void;
};

/** @throws PlimsollError of whatever could not start; nothing of it is left then */
export async function serveUntilStopped(
  configuration: Configuration,
  context: CommandContext,
  options: ServeOptions,
): Promise<void> {
  const stop = awaitStop(() => process.exit(130));
  await using started = new AsyncDisposableStack();
  started.defer(() => stop.close());
  const manager = connectServiceManager(context.environment);
  started.defer(() => manager.close());
  const inherited = takeInheritedSockets(process.env);
  await claimRunFolder(configuration.runtimeFolder);
  context.stderr.write(startingText(configuration));
  const judged = withSocketProxy(configuration, context);
  started.defer(judged.remove);
  const service = await context.startService(judged.configuration, context.environment, inherited);
  const ending = { keepEngine: false };
  started.defer(() => service.close(ending));
  if (stop.isAsked()) return;
  const counter = createCounter();
  started.defer(service.onRecord((record) => counter.count(record)));
  const control = await openControl({ configuration, context, service, counter, stop, ending });
  started.defer(() => control.close());
  writePid(configuration.runtimeFolder);
  started.defer(() => removePid(configuration.runtimeFolder));
  started.defer(reloadOnHangup(service, manager, context));
  greet(service, context, options);
  started.defer(showDecisions(service, context, options));
  manager.ready(statusLine(service));
  options.onReady();
  const reason = await stop.asked;
  manager.stopping();
  context.stderr.write(`\nplimsoll: stopping (${reason})\n`);
}

type ControlParts = {
  readonly configuration: Configuration;
  readonly context: CommandContext;
  readonly service: RunningService;
  readonly counter: DecisionCounter;
  readonly stop: StopRequest;
  readonly ending: { keepEngine: boolean };
};

function openControl(parts: ControlParts): Promise<ControlServer> {
  const { configuration, context, service, counter, stop, ending } = parts;
  const startedAt = new Date().toISOString();
  return openControlServer(configuration.runtimeFolder, async ({ ask, name = "", digest = "" }) => {
    if (ask === "judge-image") return await service.judgeImage({ name, digest });
    if (ask === "reload") await service.reload();
    if (ask === "stop" || ask === "stop-gate") {
      ending.keepEngine = ask === "stop-gate";
      setImmediate(() => stop.ask("command"));
    }
    return toStatus(service, { version: context.version, startedAt, configuration, counters: counter.read() });
  });
}

function reloadOnHangup(service: RunningService, manager: ServiceManager, { stderr }: CommandContext): () => void {
  const reload = async (): Promise<void> => {
    manager.reloading();
    try {
      await service.reload();
      stderr.write(`plimsoll: policies read again (generation ${service.policyGeneration()})\n`);
    } catch (thrown) {
      stderr.write(describeError(thrown, stderr));
    } finally {
      manager.ready(statusLine(service));
    }
  };
  const onHangup = (): void => void reload();
  process.on("SIGHUP", onHangup);
  return () => process.off("SIGHUP", onHangup);
}

function greet(service: RunningService, { stdout, stderr, version }: CommandContext, options: ServeOptions): void {
  const talk = options.isJson ? stderr : stdout;
  const line = talk.style("bold", exportLine(service));
  talk.write(
    `${banner(service, version, talk)}\nCopy this line into the shells that shall use the engine:\n\n  ${line}\n\n`,
  );
  if (!options.isQuiet) talk.write(talk.style("dim", "Decisions as they happen (Ctrl-C stops):\n"));
}

function showDecisions(service: RunningService, { stdout, stderr }: CommandContext, options: ServeOptions): () => void {
  const endNotices = service.onNotice((notice) => stderr.write(`plimsoll: ${notice}\n`));
  if (options.isQuiet) return endNotices;
  const endRecords = service.onRecord((record) => {
    if (options.isJson) stdout.write(`${JSON.stringify(record)}\n`);
    else if (isWorthALine(record)) stdout.write(formatDecision(record, stdout));
  });
  const endAlerts = service.watch.onAlert((alert) => {
    if (options.isJson) stdout.write(`${JSON.stringify({ alert })}\n`);
    else stdout.write(formatAlert(alert, stdout));
  });
  return () => {
    endNotices();
    endRecords();
    endAlerts();
  };
}

function startingText({ file, engine }: Configuration): string {
  const found = { auto: "looking for an engine", managed: "starting an engine", socket: "asking the engine" }[
    engine.kind
  ];
  return `plimsoll: ${file === "" ? "no configuration file, defaults hold" : `read ${file}`}; ${found}\n`;
}

function statusLine(service: RunningService): string {
  return `guarding ${service.engine.kind} ${service.engine.version} on ${service.listeners.map(({ address }) => address).join(", ")}`;
}
