// What `plimsoll trust root update` does: follow the repository, then put the trusted root in place at once or not at all.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { updateTrustedRoot } from "../../trust/tuf/update-root.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { chooseFolders } from "../configuration/folders.ts";
import { configurationOf } from "../configuration/options.ts";

export async function runRoot(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const [, name = ""] = input.positionals;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw usage(`a repository cannot be called "${name}"`, "use letters, digits, dots and dashes");
  }
  const text = await updateTrustedRoot({
    repository: repositoryOf(input),
    firstRoot: firstRootOf(input.text("root")),
    folder: join(configurationOf(context, input).stateFolder, "trust", "tuf", name),
  });
  const usual = join(
    chooseFolders(context.environment, process.getuid?.() === 0).configuration,
    "roots",
    `${name}.json`,
  );
  const output = resolve(input.text("output") ?? usual);
  const isNew = replace(output, text);
  context.stdout.write(`${output}\n`);
  context.stderr.write(`plimsoll: the trusted root ${name} is ${isNew ? "new" : "as it was"}, and current\n`);
  return 0;
}

function repositoryOf(input: CommandInput): { readonly url: string } | { readonly folder: string } {
  const [address, folder] = [input.text("repository"), input.text("from")];
  if ((address === undefined) === (folder === undefined)) {
    throw usage("expected one of --repository and --from", "name the repository, or a copy of it");
  }
  if (folder !== undefined) return { folder: resolve(folder) };
  const url = URL.parse(address ?? "");
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "") return { url: url.href.replace(/\/$/, "") };
  throw usage(`--repository: expected an address, found "${address}"`, "write https://tuf.example");
}

function firstRootOf(file: string | undefined): Uint8Array | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file);
  } catch (cause) {
    throw usage(`--root: ${file}: ${errorText(cause)}`, "name a file that can be read");
  }
}

/** @returns whether it differs from what was there */
function replace(file: string, text: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    if (textOf(file) === text) return false;
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, text, { mode: 0o644, flag: "wx" });
    renameSync(unfinished, file);
    return true;
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${file}: ${errorText(cause)}`, {
      hint: "choose a place that this user may write, with --output",
      cause,
    });
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}

function usage(what: string, hint: string): PlimsollError {
  return new PlimsollError("USAGE", what, { hint });
}
