// Which images a Dockerfile names, read as far as a verdict needs: FROM, COPY --from, RUN --mount=from, # syntax=.
// Source: moby/buildkit frontend/dockerfile/parser/parser.go (directives, continuations) and dockerfile2llb.
// What cannot be told for sure is listed as unresolved, and the caller of this decides that it may not pass.
// It is a second reader on purpose: base/dockerfile reads as one builder does, this one joins what any version of any builder might
// read, and what the first one pinned is checked with it (pin-dockerfile.ts). test/lint/buildkit.test.ts holds both against BuildKit.

import { remoteSources } from "./add-sources.ts";
import { type BuildArguments, readArguments, substitute, unquote } from "./build-arguments.ts";
import { takeFlags } from "./builder-flags.ts";
import { trimmedOf, withoutIndent } from "./go-space.ts";

export type DockerfileReferences = {
  /** As written, after build arguments; stages of the file itself left out. Sorted, without duplicates. */
  readonly images: readonly string[];
  /** Those of `images` that a stage starts from: their ONBUILD triggers run as well. */
  readonly bases: readonly string[];
  /** Sources of ADD that the engine would fetch from a URL. */
  readonly remotes: readonly string[];
  /** Instructions whose image depends on something unknown here. */
  readonly unresolved: readonly string[];
  /** Flags of RUN, which the classic builder does not have. */
  readonly runFlags: readonly string[];
};

type Reading = {
  readonly images: Set<string>;
  readonly bases: Set<string>;
  readonly remotes: Set<string>;
  readonly unresolved: Set<string>;
  readonly runFlags: Set<string>;
  /** Names of finished stages: inside a stage its own name still means an image. */
  readonly stages: Set<string>;
  stageName: string;
  stageCount: number;
  /** Values of arguments declared before the first FROM: the only ones that FROM knows. */
  readonly globals: Map<string, string>;
};

/** How lines become instructions; versions of the parser differ, so that all ways are read and their findings joined. */
type Manner = {
  readonly escapeCharacter: string;
  /** Two escape characters at the end of a line is a continuation (older) or not. */
  readonly joinsAfterTwo: boolean;
  /** An indented `#` inside a continued instruction is a comment, or its text. */
  readonly skipsIndentedComments: boolean;
};

/** @param buildArguments `--build-arg` values, which win over an ARG's default */
export function dockerfileReferences(
  dockerfile: Uint8Array,
  buildArguments: BuildArguments = {},
): DockerfileReferences {
  const found = classicReferences(dockerfile, buildArguments);
  const images = new Set([...syntaxImages(linesOf(dockerfile)), ...found.images]);
  return { ...found, images: [...images].sort() };
}

/** What the classic builder takes from: a `# syntax=` line means nothing to it. */
export function classicReferences(dockerfile: Uint8Array, buildArguments: BuildArguments = {}): DockerfileReferences {
  const lines = linesOf(dockerfile);
  const readings = mannersFor(lines.join("\n")).map((manner) => {
    const reading: Reading = {
      images: new Set(),
      bases: new Set(),
      remotes: new Set(),
      unresolved: new Set(),
      runFlags: new Set(),
      stages: new Set(),
      stageName: "",
      stageCount: 0,
      globals: new Map(),
    };
    for (const instruction of readInstructions(lines, manner)) readInstruction(instruction, reading, buildArguments);
    return reading;
  });
  return {
    images: joined(readings.map(({ images }) => images)),
    bases: joined(readings.map(({ bases }) => bases)),
    remotes: joined(readings.map(({ remotes }) => remotes)),
    unresolved: joined(readings.map(({ unresolved }) => unresolved)),
    runFlags: joined(readings.map(({ runFlags }) => runFlags)),
  };
}

function joined(sets: readonly ReadonlySet<string>[]): readonly string[] {
  return [...new Set(sets.flatMap((set) => [...set]))].sort();
}

function linesOf(dockerfile: Uint8Array): readonly string[] {
  const text = Buffer.from(dockerfile)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  return text.split(/\r?\n/);
}

function mannersFor(text: string): readonly Manner[] {
  const escapes = /^\s*#\s*escape\s*=\s*`/im.test(text) ? ["\\", "`"] : ["\\"];
  const flags = [true, false];
  return escapes.flatMap((escapeCharacter) =>
    flags.flatMap((joinsAfterTwo) =>
      flags.map((skipsIndentedComments) => ({ escapeCharacter, joinsAfterTwo, skipsIndentedComments })),
    ),
  );
}

/** `# syntax=IMAGE`: the image that BuildKit runs as its frontend. */
function syntaxImages(lines: readonly string[]): readonly string[] {
  const head = lines.slice(
    0,
    Math.max(
      0,
      lines.findIndex((line) => !/^\s*(?:#|\/\/|$)/.test(line)),
    ),
  );
  return head.flatMap((line) => /^\s*(?:#|\/\/)\s*syntax\s*=\s*(\S+)/i.exec(line)?.[1] ?? []);
}

/**
 * Continuations joined, comments left out. Heredocs are not skipped: the classic builder does not know them, and for
 * builders that do, reading their text as instructions finds more rather than less.
 */
function* readInstructions(lines: readonly string[], manner: Manner): Generator<string> {
  const { escapeCharacter, joinsAfterTwo, skipsIndentedComments } = manner;
  let open = "";
  let isOpen = false;
  for (const line of lines) {
    const text = withoutIndent(line);
    if (isOpen && text === "") continue;
    if (isOpen && !skipsIndentedComments ? line.startsWith("#") : text.startsWith("#")) continue;
    const trimmed = line.replace(/[ \t]+$/, "");
    isOpen = trimmed.endsWith(escapeCharacter) && (joinsAfterTwo || !trimmed.endsWith(escapeCharacter.repeat(2)));
    open += isOpen ? trimmed.slice(0, -1) : line;
    if (isOpen) continue;
    yield trimmedOf(open);
    open = "";
  }
  if (trimmedOf(open) !== "") yield trimmedOf(open);
}

function readInstruction(instruction: string, reading: Reading, buildArguments: BuildArguments): void {
  const [, keyword = "", rest = ""] = /^([^\t\v\f\r ]+)[\t\v\f\r ]*(.*)$/s.exec(instruction) ?? [];
  // Go folds letters that are not ASCII into ASCII ones: no builder has a use for such a keyword.
  if (/[^\x21-\x7e]/.test(keyword)) reading.unresolved.add(instruction.slice(0, 200));
  switch (keyword.toUpperCase()) {
    case "ARG":
      if (reading.stageCount === 0) readArguments(rest, reading.globals, buildArguments);
      break;
    case "FROM":
      readFrom(rest, instruction, reading);
      break;
    case "ADD":
      for (const source of remoteSources(rest)) reading.remotes.add(source);
      readFlags(rest, /^--from=(.*)$/is, instruction, reading);
      break;
    case "COPY":
      readFlags(rest, /^--from=(.*)$/is, instruction, reading);
      break;
    case "RUN":
      readMounts(rest, instruction, reading);
      break;
    case "ONBUILD":
      readInstruction(rest, reading, buildArguments);
      break;
    default:
  }
}

function readFrom(rest: string, instruction: string, reading: Reading): void {
  const words = takeFlags(rest).rest.split(/[\t\v\f\r ]+/);
  const [image = "", as = "", name = ""] = words.filter((word) => word !== "");
  reading.stageCount += 1;
  if (reading.stageName !== "") reading.stages.add(reading.stageName);
  const resolved = substitute(unquote(image), reading.globals);
  if (resolved === undefined || resolved === "") reading.unresolved.add(instruction.slice(0, 200));
  else if (resolved !== "scratch" && !reading.stages.has(resolved.toLowerCase())) {
    reading.images.add(resolved);
    reading.bases.add(resolved);
  }
  reading.stageName = as.toLowerCase() === "as" ? name.toLowerCase() : "";
}

function readFlags(rest: string, flag: RegExp, instruction: string, reading: Reading): void {
  for (const word of takeFlags(rest).flags) {
    const from = flag.exec(word)?.[1];
    if (from !== undefined) readSource(from, instruction, reading);
  }
}

function readMounts(rest: string, instruction: string, reading: Reading): void {
  for (const word of takeFlags(rest).flags) {
    reading.runFlags.add(word);
    const options = /^--mount=(.*)$/is.exec(word)?.[1] ?? "";
    for (const option of options.split(",")) {
      const from = /^["']?from=(.*?)["']?$/i.exec(option)?.[1];
      if (from !== undefined) readSource(from, instruction, reading);
    }
  }
}

/** A stage by name or number, or an image. */
function readSource(from: string, instruction: string, reading: Reading): void {
  if (reading.stages.has(from.toLowerCase())) return;
  if (/^\d+$/.test(from) && Number(from) < reading.stageCount - 1) return;
  // The builders differ on which arguments COPY --from knows: none of them is assumed.
  if (from === "" || /[$"'`\\]/.test(from)) reading.unresolved.add(instruction.slice(0, 200));
  else reading.images.add(from);
}
