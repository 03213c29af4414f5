// A Dockerfile with every image that it takes from replaced by an id, so that no name is looked up again when it is built.
// Only the words that name images change, at the places where they stand. Whether nothing else is named, however the lines
// are read, is checked on the result.

import type { Dockerfile, Instruction, Position } from "../../base/dockerfile/dockerfile.ts";
import { parseDockerfile } from "../../base/dockerfile/parse-dockerfile.ts";
import { planBuild } from "../../base/dockerfile/stages.ts";
import type { BuildArguments } from "./build-arguments.ts";
import { classicReferences } from "./dockerfile-references.ts";

type Edit = Position & { readonly from: string; readonly to: string };

/**
 * @param ids by the name that the Dockerfile gives, after build arguments
 * @returns undefined when it cannot be done for sure
 */
export function pinDockerfile(
  dockerfile: Uint8Array,
  buildArguments: BuildArguments,
  ids: ReadonlyMap<string, string>,
): Uint8Array | undefined {
  const text = Buffer.from(dockerfile)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const parsed = parseDockerfile(text, { where: "Dockerfile", hasHeredocs: false });
  const edits = [...baseEdits(parsed, buildArguments, ids), ...sourceEdits(parsed, ids)];
  const lines = text.split(/\r?\n/);
  for (const edit of edits.toSorted((left, right) => right.column - left.column)) {
    if (!apply(lines, edit)) return undefined;
  }
  const pinned = Buffer.from(lines.join("\n"));
  return namesOnly(pinned, buildArguments, new Set(ids.values())) ? pinned : undefined;
}

function baseEdits(
  parsed: Dockerfile,
  buildArguments: BuildArguments,
  ids: ReadonlyMap<string, string>,
): readonly Edit[] {
  const { stages } = planBuild(parsed, buildArguments);
  return stages.flatMap(({ from, baseText, base, parent }) => {
    const word = from.words[0];
    const id = parent === undefined ? ids.get(base) : undefined;
    return word === undefined || id === undefined ? [] : [{ ...placeOf(word), from: baseText, to: id }];
  });
}

/** `COPY --from=`, also in triggers. Mounts of RUN are BuildKit's: the check of the result finds them. */
function sourceEdits(parsed: Dockerfile, ids: ReadonlyMap<string, string>): readonly Edit[] {
  const { stages } = planBuild(parsed);
  return stages.flatMap(({ index, instructions }) => {
    const names = new Set(stages.slice(0, index).map(({ name }) => name));
    const all = instructions.flatMap((one) => (one.trigger === undefined ? [one] : [one, one.trigger]));
    return all.flatMap((instruction) => copyEdits(instruction, names, ids));
  });
}

function copyEdits(
  { keyword, flags }: Instruction,
  stages: ReadonlySet<string>,
  ids: ReadonlyMap<string, string>,
): readonly Edit[] {
  return flags.flatMap((flag) => {
    const isImage = keyword === "COPY" && flag.name === "from" && !stages.has(flag.value.toLowerCase());
    const id = isImage ? ids.get(flag.value) : undefined;
    return id === undefined ? [] : [{ ...placeOf(flag), from: `--from=${flag.value}`, to: `--from=${id}` }];
  });
}

function placeOf({ line, column }: Position): Position {
  return { line, column };
}

/** @returns false when the words do not stand there as they are, but in pieces or quotes */
function apply(lines: string[], { line, column, from, to }: Edit): boolean {
  const text = lines[line - 1] ?? "";
  const after = text.slice(column - 1 + from.length);
  if (text.slice(column - 1, column - 1 + from.length) !== from || /^[^\s]/.test(after)) return false;
  lines[line - 1] = `${text.slice(0, column - 1)}${to}${after}`;
  return true;
}

/** In no manner of reading does it name anything else. */
function namesOnly(dockerfile: Uint8Array, buildArguments: BuildArguments, ids: ReadonlySet<string>): boolean {
  const { images, unresolved } = classicReferences(dockerfile, buildArguments);
  return unresolved.length === 0 && images.every((image) => ids.has(image));
}
