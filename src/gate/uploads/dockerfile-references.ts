// Which images a Dockerfile names, read as far as a verdict needs: FROM, COPY --from, RUN --mount=from, # syntax=.
// Source: moby/buildkit frontend/dockerfile/parser/parser.go (directives, continuations, heredocs) and dockerfile2llb.
// What cannot be told for sure is listed as unresolved, and the caller of this decides that it may not pass.

export type DockerfileReferences = {
  /** As written, after build arguments; stages of the file itself left out. Sorted, without duplicates. */
  readonly images: readonly string[];
  /** Instructions whose image depends on something unknown here. */
  readonly unresolved: readonly string[];
};

type Reading = {
  readonly images: Set<string>;
  readonly unresolved: Set<string>;
  readonly stages: Set<string>;
  stageCount: number;
  /** Values of arguments declared before the first FROM: the only ones that FROM knows. */
  readonly globals: Map<string, string>;
};

/** @param buildArguments `--build-arg` values, which win over an ARG's default */
export function dockerfileReferences(
  dockerfile: Uint8Array,
  buildArguments: Readonly<Record<string, string>> = {},
): DockerfileReferences {
  const text = Buffer.from(dockerfile)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const lines = text.split(/\r?\n/);
  const { directives, escape } = readDirectives(lines);
  const reading: Reading = {
    images: new Set(),
    unresolved: new Set(),
    stages: new Set(),
    stageCount: 0,
    globals: new Map(),
  };
  const syntax = directives.get("syntax");
  if (syntax !== undefined) reading.images.add(syntax);
  for (const instruction of readInstructions(lines, escape)) readInstruction(instruction, reading, buildArguments);
  return { images: [...reading.images].sort(), unresolved: [...reading.unresolved].sort() };
}

/** `# key=value` lines before anything else. A second `escape` or an unknown one is an error to the builder. */
function readDirectives(lines: readonly string[]): { directives: ReadonlyMap<string, string>; escape: string } {
  const directives = new Map<string, string>();
  for (const line of lines) {
    const found = /^(?:#|\/\/)\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*$/i.exec(line);
    if (found === null && !(directives.size === 0 && line.startsWith("#!"))) break;
    if (found !== null) directives.set((found[1] ?? "").toLowerCase(), found[2] ?? "");
  }
  return { directives, escape: directives.get("escape") === "`" ? "`" : "\\" };
}

/** One instruction a line: continuations joined, comments and the bodies of heredocs left out. */
function* readInstructions(lines: readonly string[], escape: string): Generator<string> {
  let open = "";
  let isOpen = false;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (/^\s*#/.test(line) || (isOpen && line.trim() === "")) continue;
    const trimmed = line.trimEnd();
    isOpen = trimmed.endsWith(escape);
    open += isOpen ? trimmed.slice(0, -1) : line;
    if (isOpen) continue;
    yield open.trim();
    at = skipHeredocs(lines, at, open);
    open = "";
  }
  if (open.trim() !== "") yield open.trim();
}

/** @returns the index of the last line that belongs to the instruction's heredocs */
function skipHeredocs(lines: readonly string[], at: number, instruction: string): number {
  if (!/^(?:RUN|COPY|ADD)\s/i.test(instruction)) return at;
  let line = at;
  for (const [, tabs, word] of instruction.matchAll(/(?:^|\s)\d*<<(-?)\s*["']?([A-Za-z_][\w.]*)["']?/g)) {
    const isEnd = (text: string): boolean => (tabs === "-" ? text.replace(/^\t+/, "") : text) === word;
    const end = lines.findIndex((text, index) => index > line && isEnd(text));
    // A heredoc without end could be none to the classic builder: read on, and see more rather than less.
    if (end >= 0) line = end;
  }
  return line;
}

function readInstruction(
  instruction: string,
  reading: Reading,
  buildArguments: Readonly<Record<string, string>>,
): void {
  const [, keyword = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(instruction) ?? [];
  switch (keyword.toUpperCase()) {
    case "ARG":
      if (reading.stageCount === 0) readArguments(rest, reading, buildArguments);
      break;
    case "FROM":
      readFrom(rest, instruction, reading);
      break;
    case "COPY":
    case "ADD":
      readFlags(rest, /^--from=(.*)$/i, instruction, reading);
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

function readArguments(rest: string, reading: Reading, buildArguments: Readonly<Record<string, string>>): void {
  for (const word of rest.split(/\s+/)) {
    const [, name = "", value] = /^(\w+)(?:=(.*))?$/s.exec(word) ?? [];
    const given = Object.hasOwn(buildArguments, name) ? buildArguments[name] : value;
    const resolved = given === undefined ? undefined : substitute(unquote(given), reading.globals);
    if (name !== "" && resolved !== undefined) reading.globals.set(name, resolved);
  }
}

function readFrom(rest: string, instruction: string, reading: Reading): void {
  const words = rest.split(/\s+/).filter((word) => word !== "" && !word.startsWith("--"));
  const [image = "", as = "", name = ""] = words;
  reading.stageCount += 1;
  const resolved = substitute(unquote(image), reading.globals);
  if (resolved === undefined || resolved === "") reading.unresolved.add(instruction.slice(0, 200));
  else if (resolved !== "scratch" && !reading.stages.has(resolved.toLowerCase())) reading.images.add(resolved);
  if (as.toLowerCase() === "as" && name !== "") reading.stages.add(name.toLowerCase());
}

function readFlags(rest: string, flag: RegExp, instruction: string, reading: Reading): void {
  for (const word of rest.split(/\s+/)) {
    if (!word.startsWith("--")) return;
    const from = flag.exec(word)?.[1];
    if (from !== undefined) readSource(unquote(from), instruction, reading);
  }
}

function readMounts(rest: string, instruction: string, reading: Reading): void {
  for (const word of rest.split(/\s+/)) {
    if (!word.startsWith("--")) return;
    const options = /^--mount=(.*)$/i.exec(word)?.[1] ?? "";
    for (const option of unquote(options).split(",")) {
      const from = /^["']?from=(.*?)["']?$/i.exec(option)?.[1];
      if (from !== undefined) readSource(from, instruction, reading);
    }
  }
}

/** A stage by name or number, or an image. */
function readSource(from: string, instruction: string, reading: Reading): void {
  if (reading.stages.has(from.toLowerCase())) return;
  if (/^\d+$/.test(from) && Number(from) < reading.stageCount) return;
  // The builders differ on which arguments COPY --from knows: none of them is assumed.
  if (from === "" || from.includes("$")) reading.unresolved.add(instruction.slice(0, 200));
  else reading.images.add(from);
}

/** @returns undefined when a variable is not known, or takes a form that is not read here */
function substitute(text: string, values: ReadonlyMap<string, string>): string | undefined {
  let isKnown = !text.includes("\\");
  const result = text.replace(/\$(?:\{(\w+)(?::([-+])([^{}$]*))?\}|(\w+)|)/g, (_, braced, operator, word, plain) => {
    const value = values.get(String(braced ?? plain ?? ""));
    const isSet = value !== undefined && value !== "";
    if (operator === "-") return isSet ? value : String(word);
    if (operator === "+") return isSet ? String(word) : "";
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? result : undefined;
}

function unquote(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}
