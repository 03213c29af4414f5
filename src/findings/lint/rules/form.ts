// Mistakes in how the file is written: what a builder refuses, or reads otherwise than its author.

import type { DockerfileProblem, Instruction } from "../../../base/dockerfile/dockerfile.ts";
import { variablesIn } from "../../../base/dockerfile/expand-variables.ts";
import { assignments, type Stage } from "../../../base/dockerfile/stages.ts";
import { instructionsOf, type LintHit, type LintRule } from "../lint-rule.ts";

const keywords: ReadonlySet<string> = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

const flagsOf: Readonly<Record<string, readonly string[]>> = {
  ADD: ["chown", "chmod", "checksum", "keep-git-dir", "link", "exclude", "unpack"],
  COPY: ["from", "chown", "chmod", "link", "parents", "exclude"],
  FROM: ["platform"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
  RUN: ["mount", "network", "security", "device"],
};

/** A rule for one kind of problem that the parser itself sees. */
function problemRule(
  rule: Omit<LintRule, "check"> & { readonly kinds: readonly DockerfileProblem["kind"][] },
): LintRule {
  return {
    ...rule,
    check: ({ dockerfile }) =>
      dockerfile.problems
        .filter(({ kind }) => rule.kinds.includes(kind))
        .map((problem) => ({ at: problem, what: problem.what })),
  };
}

/** All but the last of the instructions of which only the last one counts. */
function overwritten({ instructions }: Stage, keyword: string): readonly LintHit[] {
  return instructions
    .filter((each) => each.keyword === keyword)
    .slice(0, -1)
    .map((instruction) => ({ at: instruction, what: `a later ${keyword} replaces this one` }));
}

export const formRules: readonly LintRule[] = [
  problemRule({
    id: "not-buildable",
    severity: "high",
    title: "no builder takes this file",
    hint: "correct the line",
    kinds: ["unterminated-heredoc", "invalid-directive", "no-instructions", "invalid-flag", "invalid-trigger"],
  }),
  problemRule({
    id: "empty-continuation",
    severity: "low",
    title: "an empty line stands inside a continued instruction: builders will refuse that one day",
    hint: "remove the line, or make it a comment",
    kinds: ["empty-continuation"],
  }),
  {
    id: "unknown-instruction",
    severity: "high",
    title: "the instruction does not exist",
    hint: "correct the word",
    check: ({ instructions }) =>
      instructions
        .filter(({ keyword }) => !keywords.has(keyword))
        .map((instruction) => ({ at: instruction, what: `no instruction ${instruction.written}` })),
  },
  {
    id: "unknown-flag",
    severity: "high",
    title: "the instruction has no such flag",
    hint: "correct the flag, or write what it stands before in quotes",
    check: ({ instructions }) =>
      instructions
        .filter(({ keyword }) => keywords.has(keyword))
        .flatMap(({ keyword, flags }) =>
          flags
            .filter(({ name }) => !(flagsOf[keyword] ?? []).includes(name))
            .map((flag) => ({ at: flag, what: `${keyword} has no flag --${flag.name}` })),
        ),
  },
  {
    id: "no-from",
    severity: "high",
    title: "something else than ARG stands before the first FROM, or there is none",
    hint: "begin with FROM",
    check: ({ dockerfile, plan }) => {
      const first = dockerfile.instructions.find(({ keyword }) => keyword !== "ARG");
      if (first !== undefined && first.keyword !== "FROM" && keywords.has(first.keyword))
        return [{ at: first, what: `${first.keyword} before FROM` }];
      return plan.stages.length === 0 && dockerfile.instructions.length > 0 && first === undefined
        ? [{ at: { line: 1, column: 1 }, what: "no FROM" }]
        : [];
    },
  },
  {
    id: "empty-instruction",
    severity: "high",
    title: "the instruction has no arguments",
    hint: "say what it should do, or remove it",
    check: ({ instructions }) =>
      instructions
        .filter(({ keyword, text }) => keywords.has(keyword) && keyword !== "RUN" && text === "")
        .map((instruction) => ({ at: instruction, what: `${instruction.keyword} of nothing` })),
  },
  {
    id: "overwritten",
    severity: "medium",
    title: "a stage has several of an instruction of which only the last one counts",
    hint: "keep the last one",
    check: ({ plan }) =>
      plan.stages.flatMap((stage) =>
        ["CMD", "ENTRYPOINT", "HEALTHCHECK"].flatMap((keyword) => overwritten(stage, keyword)),
      ),
  },
  {
    id: "shell-form",
    severity: "low",
    title: "the program runs below a shell, which keeps signals from it",
    hint: 'use the JSON form: ["program", "argument"]',
    check: ({ plan }) => {
      const last = plan.stages.at(-1);
      const hasShell = last?.instructions.some(({ keyword }) => keyword === "SHELL") === true;
      return hasShell
        ? []
        : (last?.instructions ?? [])
            .filter(
              ({ keyword, form, text }) =>
                (keyword === "CMD" || keyword === "ENTRYPOINT") &&
                form === "shell" &&
                text !== "" &&
                !text.startsWith("["),
            )
            .map((instruction) => ({ at: instruction, what: `${instruction.keyword} in shell form` }));
    },
  },
  {
    id: "almost-json",
    severity: "medium",
    title: "it looks like the JSON form and is none, so that a shell gets the brackets",
    hint: "use double quotes, and no comma after the last element",
    check: (subject) =>
      instructionsOf(subject, "CMD", "ENTRYPOINT", "RUN", "SHELL", "VOLUME", "COPY", "ADD")
        .filter(
          ({ form, text, keyword }) =>
            form === "shell" && /^\[.*\]$/s.test(text) && !(keyword === "RUN" && /^\[\s/.test(text)),
        )
        .map((instruction) => ({ at: instruction, what: `${instruction.keyword} ${instruction.text}` })),
  },
  {
    id: "old-form",
    severity: "low",
    title: "ENV or LABEL without an equals sign takes the rest of the line as the value",
    hint: "write NAME=value",
    check: (subject) =>
      instructionsOf(subject, "ENV", "LABEL").flatMap((instruction) =>
        assignments(instruction, subject.dockerfile.escapeCharacter)
          .filter(({ isOldForm }) => isOldForm)
          .map((assignment) => ({ at: assignment, what: `${instruction.keyword} ${assignment.name} without =` })),
      ),
  },
  {
    id: "malformed-arguments",
    severity: "high",
    title: "no builder takes these arguments",
    hint: "correct them; what holds blanks needs quotes",
    check: ({ instructions }) =>
      instructions.flatMap((instruction) => {
        const what = malformed(instruction);
        return what === "" ? [] : [{ at: instruction, what }];
      }),
  },
  {
    id: "maintainer",
    severity: "negligible",
    title: "MAINTAINER is no longer used",
    hint: "use LABEL org.opencontainers.image.authors=...",
    check: (subject) =>
      instructionsOf(subject, "MAINTAINER").map((instruction) => ({ at: instruction, what: "MAINTAINER" })),
  },
  {
    id: "mixed-case",
    severity: "negligible",
    title: "instructions are written in different cases",
    hint: "write all of them in capitals",
    check: ({ instructions }) => {
      const isUpper =
        instructions.filter(({ written, keyword }) => written === keyword).length * 2 >= instructions.length;
      return instructions
        .filter(
          ({ written, keyword }) => keywords.has(keyword) && written !== (isUpper ? keyword : keyword.toLowerCase()),
        )
        .map((instruction) => ({ at: instruction, what: instruction.written }));
    },
  },
  {
    id: "argument-out-of-scope",
    severity: "medium",
    title: "a build argument from above the first FROM is empty inside a stage",
    hint: "declare it again in the stage: ARG NAME",
    check: ({ plan, dockerfile }) =>
      plan.stages.flatMap(({ instructions }) => {
        const known = new Set<string>();
        return instructions.flatMap((instruction) => {
          const uses = instruction.keyword === "ARG" ? [] : variablesIn(instruction.text, dockerfile.escapeCharacter);
          const lost = uses.filter((name) => plan.globals.has(name) && !known.has(name));
          if (["ARG", "ENV"].includes(instruction.keyword))
            for (const { name } of assignments(instruction, dockerfile.escapeCharacter)) known.add(name);
          return lost.map((name) => ({ at: instruction, what: `${name} is empty here` }));
        });
      }),
  },
  {
    id: "exposed-nonsense",
    severity: "medium",
    title: "EXPOSE names no port",
    hint: "use a number from 1 to 65535, with /tcp, /udp or /sctp",
    check: (subject) =>
      instructionsOf(subject, "EXPOSE").flatMap(({ words }) =>
        words
          .filter(({ text }) => !text.includes("$") && !isPort(text.replace(/^(["'])(.*)\1$/, "$2")))
          .map((word) => ({ at: word, what: `no port ${word.text}` })),
      ),
  },
  {
    id: "hidden-text",
    severity: "high",
    title: "characters that hide or reverse letters make the file read otherwise than it is",
    hint: "remove them",
    check: ({ text }) =>
      text.split("\n").flatMap((line, at) => {
        const column = line.search(hidden);
        return column === -1 || (at === 0 && column === 0 && line.startsWith("\ufeff"))
          ? []
          : [
              {
                at: { line: at + 1, column: column + 1 },
                what: `character U+${line.charCodeAt(column).toString(16).padStart(4, "0")}`,
              },
            ];
      }),
  },
];

/** What is wrong with the arguments; "" when nothing is. Source: moby/buildkit frontend/dockerfile/instructions/parse.go. */
function malformed({ keyword, form, text, words }: Instruction): string {
  const [first = "", second = ""] = words.map((word) => word.text);
  switch (keyword) {
    case "ENV":
    case "LABEL": {
      const bare = first.includes("=") ? words.find((word) => !word.text.includes("=")) : undefined;
      if (bare !== undefined) return `${keyword} with ${bare.text} and no value`;
      return words.length === 1 && !first.includes("=") ? `${keyword} ${first} without a value` : "";
    }
    case "FROM":
      return words.length === 1 || text === "" || (words.length === 3 && /^as$/i.test(second)) ? "" : `FROM ${text}`;
    case "HEALTHCHECK":
      return text === "" || /^(?:NONE$|CMD\s)/i.test(text)
        ? ""
        : `HEALTHCHECK with ${first || "nothing"}, not CMD or NONE`;
    case "SHELL":
      return form === "json" || text === "" ? "" : "SHELL that is no JSON form";
    default:
      return "";
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for
const hidden = /[\x00-\x08\x0b\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/;

function isPort(text: string): boolean {
  const [, first = "", , last = first] = /^(\d{1,5})(-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text) ?? [];
  return first !== "" && Number(first) > 0 && Number(last) <= 65_535 && Number(first) <= Number(last);
}
