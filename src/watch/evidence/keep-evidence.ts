// Everything that is known of a container that was stopped in its place, as one archive.

import { fstatSync, mkdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../base/errors.ts";
import type { Alert, ContainerPlace } from "../../model/watch.ts";
import { processesOf } from "../freezer.ts";
import type { ResponseTools } from "../response.ts";
import { collectChanges } from "./changed-files.ts";
import { collectProcesses } from "./processes.ts";
import { createTar, type TarWriter } from "./tar-writer.ts";

/** @returns path of the archive @throws Error when it cannot be written; nothing of it stays then */
export async function keepEvidence(alert: Alert, place: ContainerPlace, tools: ResponseTools): Promise<string> {
  mkdirSync(tools.evidenceFolder, { recursive: true, mode: 0o700 });
  const file = join(tools.evidenceFolder, `${alert.id}.tar`);
  const timeMs = Date.parse(alert.time);
  const tar = createTar(file, { maxBytes: tools.evidenceMaxBytes, timeMs });
  const missing: string[] = [];
  try {
    // The few things that every inquiry begins with come first: they are there even where the rest does not fit.
    tar.add("alert.json", `${JSON.stringify(alert, undefined, 2)}\n`);
    addFile(tar, alert, tools, missing);
    for (const { name, text } of collectProcesses(processesOf(place))) addIfRoom(tar, { name, content: text }, missing);
    const events = tools.lastEvents(place.id).map((event) => `${JSON.stringify(event)}\n`);
    addIfRoom(tar, { name: "events.jsonl", content: events.join("") }, missing);
    await addChanges(tar, place, tools, missing);
    tar.end(
      missing.length === 0 ? undefined : { name: "missing.txt", content: `${missing.join("\n").slice(0, 400)}\n` },
    );
    return file;
  } catch (cause) {
    tar.abandon();
    throw new Error(`no evidence was kept: ${errorText(cause)}`, { cause });
  }
}

const maxFileBytes = 64 << 20;

/** The very file that something was found in, whatever became of its name. */
function addFile(tar: TarWriter, alert: Alert, tools: ResponseTools, missing: string[]): void {
  const fd = tools.fileOf?.(alert.event);
  if (fd === undefined) return;
  try {
    const content = Buffer.alloc(Math.min(fstatSync(fd).size, maxFileBytes));
    const length = readSync(fd, content, 0, content.length, 0);
    addIfRoom(tar, { name: "malware/file", content: content.subarray(0, length) }, missing);
  } catch (cause) {
    missing.push(`malware/file: ${errorText(cause)}`);
  }
}

async function addChanges(
  tar: TarWriter,
  place: ContainerPlace,
  { engine }: ResponseTools,
  missing: string[],
): Promise<void> {
  try {
    const { list, files } = await collectChanges(place.id, engine);
    addIfRoom(tar, { name: "changes.txt", content: list }, missing);
    for (const [index, { content }] of files.entries()) addIfRoom(tar, { name: `changed/${index}`, content }, missing);
    const names = files.map(({ path }, index) => `changed/${index} ${JSON.stringify(path)}\n`);
    addIfRoom(tar, { name: "changed/names.txt", content: names.join("") }, missing);
  } catch (cause) {
    missing.push(`changed files: ${errorText(cause)}`);
  }
}

function addIfRoom(
  tar: TarWriter,
  { name, content }: { readonly name: string; readonly content: Buffer | string },
  missing: string[],
): void {
  try {
    tar.add(name, content);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "LIMIT_EXCEEDED")) throw cause;
    missing.push(`${name}: no room`);
  }
}
