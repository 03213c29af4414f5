// What `plimsoll learn` does: follow, propose, show, and perhaps write.

import { PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { openEngineClient } from "../../engine/client.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { propose } from "../../harden/propose/propose.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { isAppArmorHere } from "../../watch/learn/app-armor-here.ts";
import { Learner } from "../../watch/learn/learner.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { readDurationMs } from "../policy/duration.ts";
import { engineSocketOf } from "../scan/engine-socket.ts";
import { ChosenContainers } from "./chosen-containers.ts";
import { findLearnTarget, type LearnTarget, mostMemoryOf, rootOf } from "./learn-target.ts";
import { openCalls } from "./open-calls.ts";
import { describeProposal, writeProposal } from "./show-proposal.ts";
import { isTold } from "./told.ts";
import { readWatch } from "./watch-socket.ts";

const usualTime = "10m";
const progressMs = 1000;

export async function runLearn(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const configuration = configurationOf(context, input);
  const lastsMs = readDurationMs(input.text("for") ?? usualTime);
  const client = openEngineClient(engineSocketOf(context, configuration));
  try {
    const target = await findLearnTarget(client, input.positionals[0] ?? "");
    const name = profileName(input.text("name") ?? target.image);
    const behaviour = await follow(context, configuration.runtimeFolder, { client, target, lastsMs });
    const proposal = propose(behaviour, { name, images: target.images, usesAppArmor: isAppArmorHere() });
    if (input.flag("json")) stdout.write(`${JSON.stringify({ behaviour, proposal })}\n`);
    const folder = input.text("output") ?? configuration.profiles.folder;
    if (!input.flag("json")) stdout.write(describeProposal(behaviour, proposal, folder, stdout));
    if (!input.flag("write") && input.text("output") === undefined) return 0;
    writeProposal(proposal, folder);
    stderr.write(`written to ${printable(folder, 300)}; plimsoll reload applies it\n`);
    return 0;
  } finally {
    client.close();
  }
}

type Following = { readonly client: EngineClient; readonly target: LearnTarget; readonly lastsMs: number };

async function follow(
  context: CommandContext,
  runtimeFolder: string,
  { client, target, lastsMs }: Following,
): Promise<Behaviour> {
  const learner = new Learner();
  const from = new Date();
  const stop = new AbortController();
  const chosen = new ChosenContainers(target.imageId, client, learner);
  let lost = 0;
  using calls = openCalls(target.running.map(({ id }) => id));
  using _timing = stopAfter(stop, lastsMs);
  context.stderr.write(`following ${printable(target.image, 200)}; Ctrl-C proposes what is known\n`);
  using _progress = showProgress(context, learner, from.getTime() + lastsMs);
  for await (const told of readWatch(runtimeFolder, "events", stop.signal)) {
    if (!isTold(told)) continue;
    if (told.kind === "lost") lost += told.count;
    if (told.kind !== "event" || told.container === undefined) continue;
    const { event, program, parent, container } = told;
    await chosen.see(container, { event, program, parent, containerId: container.id });
  }
  if (!stop.signal.aborted) {
    context.stderr.write("plimsoll: the watch has ended; what was seen by then is proposed\n");
  }
  return learner.behaviour({
    ...{ imageId: target.imageId, image: target.image, lost },
    from: from.toISOString(),
    to: new Date().toISOString(),
    mostMemory: await mostMemoryOf(client, target),
    calls: calls.read(learner.cgroups()),
    rootUid: rootOf(target.running[0]?.pid),
  });
}

/** Ctrl-C ends it as well: what is known by then is worth reading. */
function stopAfter(stop: AbortController, lastsMs: number): Disposable {
  const end = (): void => stop.abort();
  const timer = setTimeout(end, lastsMs);
  process.once("SIGINT", end).once("SIGTERM", end);
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      process.off("SIGINT", end).off("SIGTERM", end);
    },
  };
}

function showProgress({ stderr }: CommandContext, learner: Learner, endMs: number): Disposable {
  const show = (): void => {
    const { containers, programs, files, peers } = learner.counts();
    const left = Math.max(0, Math.round((endMs - Date.now()) / 1000));
    stderr.write(
      `\r\u001b[K${containers} containers, ${programs} programs, ${files} files, ${peers} peers; ${left} s left`,
    );
  };
  const timer = stderr.isTerminal ? setInterval(show, progressMs) : undefined;
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      if (stderr.isTerminal) stderr.write("\r\u001b[K");
    },
  };
}

/** `docker.io/library/web:1` -> `web` */
function profileName(text: string): string {
  const last =
    text
      .split("@", 1)[0]
      ?.split("/")
      .at(-1)
      ?.replace(/:[^:]*$/, "") ?? "";
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63);
  if (name !== "") return name;
  throw new PlimsollError("USAGE", `a profile cannot be called ${JSON.stringify(text.slice(0, 100))}`, {
    hint: "add --name NAME",
  });
}
