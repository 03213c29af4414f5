// The stages of a Dockerfile, what each starts from, and which build arguments it knows.
// Source: moby/buildkit frontend/dockerfile/instructions (parse.go) and dockerfile2llb (convert.go): ARG before the first
// FROM is known to FROM alone; inside a stage it has to be declared again.

import type { Dockerfile, Instruction, Position } from "./dockerfile.ts";
import { expandVariables } from "./expand-variables.ts";
import { removeQuotes } from "./split-words.ts";

export type Stage = {
  readonly index: number;
  /** Lower case; "" when it has none. */
  readonly name: string;
  readonly from: Instruction;
  /** As written. */
  readonly baseText: string;
  /** After build arguments and their defaults. */
  readonly base: string;
  /** Variables in `baseText` that no ARG before the first FROM declares. */
  readonly unknown: readonly string[];
  /** The stage of this file that it starts from. */
  readonly parent: number | undefined;
  readonly instructions: readonly Instruction[];
};

export type BuildPlan = {
  /** ARG before the first FROM: name and value, the builder's own or its default. */
  readonly globals: ReadonlyMap<string, string | undefined>;
  readonly stages: readonly Stage[];
};

/** Known to FROM without being declared. */
const platformArguments = [
  "BUILDPLATFORM",
  "BUILDOS",
  "BUILDARCH",
  "BUILDVARIANT",
  "TARGETPLATFORM",
  "TARGETOS",
  "TARGETARCH",
  "TARGETVARIANT",
];

/** @param buildArguments `--build-arg` values, which win over an ARG's default; null leaves it unknown */
export function planBuild(
  { instructions, escapeCharacter }: Dockerfile,
  buildArguments: Readonly<Record<string, string | null>> = {},
): BuildPlan {
  const globals = new Map<string, string | undefined>();
  const stages: Stage[] = [];
  let current: Instruction[] = [];
  /** A default may use what was declared before it. */
  const expandDefault = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : expandVariables(value, (name) => globals.get(name) ?? "", escapeCharacter).text;
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM") {
      current = [];
      stages.push(readStage(instruction, { globals, stages, escapeCharacter, instructions: current }));
    } else if (stages.length > 0) current.push(instruction);
    else if (instruction.keyword === "ARG") {
      for (const { name, value } of assignments(instruction, escapeCharacter))
        globals.set(
          name,
          Object.hasOwn(buildArguments, name) ? (buildArguments[name] ?? undefined) : expandDefault(value),
        );
    }
  }
  return { globals, stages };
}

type StageContext = {
  readonly globals: ReadonlyMap<string, string | undefined>;
  readonly stages: readonly Stage[];
  readonly escapeCharacter: string;
  readonly instructions: readonly Instruction[];
};

function readStage(from: Instruction, { globals, stages, escapeCharacter, instructions }: StageContext): Stage {
  const [image, as, name] = from.words;
  const baseText = image?.text ?? "";
  const lookUp = (variable: string): string | undefined =>
    globals.has(variable) ? (globals.get(variable) ?? "") : platformArguments.includes(variable) ? "" : undefined;
  const { text, unknown } = expandVariables(baseText, lookUp, escapeCharacter);
  const base = removeQuotes(text, escapeCharacter);
  const parent = stages.findLast((stage) => stage.name !== "" && stage.name === base.toLowerCase())?.index;
  return {
    index: stages.length,
    name: as?.text.toLowerCase() === "as" ? (name?.text ?? "").toLowerCase() : "",
    from,
    baseText,
    base,
    unknown,
    parent,
    instructions,
  };
}

export type Assignment = Position & {
  readonly name: string;
  /** Undefined for an ARG without default. */
  readonly value: string | undefined;
  /** `ENV name value`, the form with a blank. */
  readonly isOldForm: boolean;
};

/** What ARG, ENV and LABEL set. */
export function assignments(instruction: Instruction, escapeCharacter: string): readonly Assignment[] {
  const [first, ...rest] = instruction.words;
  if (first === undefined) return [];
  if (instruction.keyword !== "ARG" && !first.text.includes("=")) {
    const value = instruction.text.slice(first.text.length).trim();
    return [
      {
        name: removeQuotes(first.text, escapeCharacter),
        value: rest.length === 0 ? "" : value,
        isOldForm: true,
        line: first.line,
        column: first.column,
      },
    ];
  }
  return instruction.words.map(({ text, line, column }) => {
    const split = text.indexOf("=");
    const name = removeQuotes(split === -1 ? text : text.slice(0, split), escapeCharacter);
    return {
      name,
      value: split === -1 ? undefined : removeQuotes(text.slice(split + 1), escapeCharacter),
      isOldForm: false,
      line,
      column,
    };
  });
}
