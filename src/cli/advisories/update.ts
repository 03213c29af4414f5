// `plimsoll advisories update`: fetches what changed and builds a new database. The only command of scanning that uses the network.

import { PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import type { UpdateEvent } from "../../findings/update/update-advisories.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { advisoryFolder, folderOptions } from "./options.ts";

export const advisoriesUpdate: LeafCommand = {
  name: "update",
  summary: "fetch what changed from the publishers and build a new database",
  description: [
    "Feeds are asked with the marks of the last time, so what has not changed is not sent again; a download that was cut goes on where it stopped. A feed that fails leaves the others, and its old files are used.",
    "Exits with 0 when all feeds are fresh, with 1 when some could not be fetched or read, and with 3 when there is no database in the end.",
  ],
  options: {
    feed: { kind: "value", value: "NAME", summary: "only this feed (default: all)", isList: true },
    mirror: {
      kind: "value",
      value: "NAME=URL",
      summary: "fetch a feed from here instead of its publisher",
      isList: true,
    },
    quiet: { kind: "flag", short: "q", summary: "only what went wrong" },
    ...folderOptions,
  },
  examples: [
    { line: "plimsoll advisories update", does: "once an hour is plenty" },
    {
      line: "plimsoll advisories update --feed osv --mirror osv=https://mirror.example/osv",
      does: "from inside a company",
    },
  ],
  async run(context, input): Promise<ExitCode> {
    const { updateAdvisories } = await import("../../findings/update/update-advisories.ts");
    const feeds = input.list("feed");
    const tell = teller(context, input);
    const controller = new AbortController();
    const interrupt = (): void => controller.abort();
    process.once("SIGINT", interrupt);
    try {
      const result = await updateAdvisories({
        folder: advisoryFolder(context, input),
        ...(feeds.length === 0 ? {} : { feeds }),
        mirrors: readMirrors(input.list("mirror")),
        now: () => new Date(),
        progress: tell.event,
        signal: controller.signal,
      });
      tell.clear();
      const advisories = result.manifest.feeds.reduce((sum, feed) => sum + feed.advisories, 0);
      if (!input.flag("quiet")) {
        const odd = result.problems === 0 ? "" : `, ${result.problems} records could not be read`;
        context.stdout.write(`${advisories} advisories of ${result.manifest.feeds.length} feeds${odd}\n`);
      }
      return result.failures.length === 0 ? 0 : 1;
    } catch (thrown) {
      if (controller.signal.aborted) return 130;
      throw thrown;
    } finally {
      tell.clear();
      process.off("SIGINT", interrupt);
    }
  },
};

function readMirrors(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", url = ""] = /^([\w-]+)=(https?:\/\/\S+)$/.exec(pair) ?? [];
      if (url !== "") return [name, url];
      throw new PlimsollError("USAGE", `--mirror: expected NAME=URL, found "${pair}"`, {
        hint: "write osv=https://mirror.example/osv",
      });
    }),
  );
}

/** What is going on: one line that changes on a terminal, a line for each file elsewhere. */
function teller({ stderr }: CommandContext, input: CommandInput): { event(event: UpdateEvent): void; clear(): void } {
  const isQuiet = input.flag("quiet");
  let isShown = false;
  const clear = (): void => {
    if (isShown) stderr.write("\r\u001b[K");
    isShown = false;
  };
  return {
    clear,
    event(event) {
      const name = printable(event.file === "" ? event.feed : `${event.feed} ${event.file}`, 100);
      if (event.kind === "failed" || event.kind === "problem") {
        clear();
        stderr.write(`plimsoll: ${name}: ${printable(event.what, 400)}\n`);
      } else if (!isQuiet) {
        isShown = show(stderr, event, name) || isShown;
      }
    },
  };
}

/** @returns true when the line has to be cleared */
function show(stderr: Terminal, event: UpdateEvent, name: string): boolean {
  if (stderr.isTerminal) {
    const share = event.total > 0 ? ` ${Math.floor((event.received / event.total) * 100)} %` : "";
    stderr.write(`\r\u001b[K${event.kind} ${name}${share}`);
    return true;
  }
  if (event.kind === "received" || event.kind === "unchanged") stderr.write(`${event.kind} ${name}\n`);
  return false;
}
