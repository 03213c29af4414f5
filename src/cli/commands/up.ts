// `plimsoll up`: opens the gate in front of the engine and shows decisions as they happen.

import type { Command, CommandContext, CommandInput } from "../command.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { configOption, configurationOf, engineOption } from "../configuration/options.ts";
import { detach, openReport } from "../up/detach.ts";
import { claimRunFolder } from "../up/run-folder.ts";
import { serveUntilStopped } from "../up/serve-until-stopped.ts";

const modes = ["observe", "warn", "enforce"] as const;

export const up: Command = {
  name: "up",
  summary: "open the gate in front of the engine and show decisions as they happen",
  description: [
    "Uses the engine that is here (DOCKER_HOST, then the usual sockets); where there is none, it starts a hardened dockerd of its own on a socket that only Plimsoll may open. Then it listens and prints the DOCKER_HOST line to copy.",
    "An engine that was there before is only observed: what policy would refuse is recorded and passes. A managed engine is guarded from the start. `--mode` decides otherwise.",
    "Ctrl-C stops it cleanly: sockets are removed, a managed engine is stopped. SIGHUP reads the policies again.",
  ],
  options: {
    config: configOption,
    engine: engineOption,
    mode: { kind: "value", short: "m", value: "MODE", choices: modes, summary: "mode of every listener" },
    detach: { kind: "flag", short: "d", summary: "run in the background, once it listens" },
    quiet: { kind: "flag", short: "q", summary: "no line for each decision" },
    json: { kind: "flag", summary: "decisions as JSON lines" },
  },
  examples: [
    { line: "plimsoll up", does: "in this terminal, with its decisions" },
    { line: "plimsoll up --mode enforce --detach", does: "refuse from now on, in the background" },
    { line: "plimsoll up --engine unix:///run/user/1000/docker.sock", does: "in front of a rootless engine" },
    { line: "plimsoll up --json | jq 'select(.verdict == \"deny\")'", does: "refusals, for a script" },
  ],
  async run(context, input) {
    const report = openReport(process.env);
    try {
      const configuration = withMode(configurationOf(context, input), input);
      if (input.flag("detach")) return await runDetached(configuration, context, input);
      await serveUntilStopped(configuration, context, {
        isQuiet: input.flag("quiet"),
        isJson: input.flag("json"),
        onReady: () => report(),
      });
      return 0;
    } catch (thrown) {
      report(thrown);
      throw thrown;
    }
  },
};

function withMode(configuration: Configuration, input: CommandInput): Configuration {
  const mode = modes.find((each) => each === input.text("mode"));
  if (mode === undefined) return configuration;
  return { ...configuration, listeners: configuration.listeners.map((listener) => ({ ...listener, mode })) };
}

async function runDetached(configuration: Configuration, context: CommandContext, input: CommandInput): Promise<0> {
  await claimRunFolder(configuration.runtimeFolder);
  const kept = (["engine", "mode"] as const).flatMap((name) => {
    const value = input.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const config = configuration.file === "" ? [] : ["--config", configuration.file];
  const words = ["up", ...config, ...kept, "--quiet"];
  const pid = await detach(configuration, { words, environment: { ...context.environment } });
  context.stderr.write(`plimsoll: running (pid ${pid}); plimsoll status shows it, plimsoll down stops it\n`);
  return 0;
}
