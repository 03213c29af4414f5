// What `plimsoll trust serve` does: opens trust file and audit log, answers on the control socket, and takes both back.

import { PlimsollError } from "../../base/errors.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import type { ControlRequest } from "../control/protocol.ts";
import { type ControlAnswer, openControlServer } from "../control/server.ts";
import type { RunningJudge } from "../service.ts";
import { claimRunFolder, removePid, writePid } from "../up/run-folder.ts";
import { awaitStop, type StopRequest } from "../up/stop-request.ts";

export async function runServe(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const configuration = configurationOf(context, input);
  const { runtimeFolder } = configuration;
  const stop = awaitStop(() => process.exit(130));
  await using started = new AsyncDisposableStack();
  started.defer(() => stop.close());
  await claimRunFolder(runtimeFolder);
  const judge = await context.startJudge(configuration, context.environment, (notice) =>
    context.stderr.write(`plimsoll: ${notice}\n`),
  );
  started.defer(() => judge.close());
  const control = await openControlServer(runtimeFolder, (request) => answer(request, judge, stop));
  started.defer(() => control.close());
  writePid(runtimeFolder);
  started.defer(() => removePid(runtimeFolder));
  const reload = (): void => void judge.reload();
  process.on("SIGHUP", reload);
  started.defer(() => void process.off("SIGHUP", reload));
  context.stderr.write(`plimsoll: judges images by ${judge.trustFile} (Ctrl-C stops)\n`);
  context.stderr.write(`plimsoll: stopping (${await stop.asked})\n`);
  return 0;
}

async function answer(request: ControlRequest, judge: RunningJudge, stop: StopRequest): Promise<ControlAnswer> {
  const { ask, name = "", digest = "" } = request;
  if (ask === "judge-image") return await judge.judgeImage({ name, digest });
  if (ask === "reload") judge.reload();
  if (ask === "stop" || ask === "stop-gate") setImmediate(() => stop.ask("command"));
  if (ask !== "status") return { pid: process.pid };
  throw new PlimsollError("USAGE", "plimsoll trust serve runs here: it judges images and guards no engine", {
    hint: "stop it with plimsoll down before plimsoll up",
  });
}
