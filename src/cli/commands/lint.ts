// `plimsoll lint Dockerfile`: what is wrong with how an image is going to be built.

import type { Command } from "../command.ts";

export const lint: Command = {
  name: "lint",
  summary: "find mistakes in Dockerfiles before they are built",
  description: [
    "Security and correctness rules, each with line, column and what to do; docs/lint.md lists them. `-` reads standard input.",
    "A comment `# plimsoll ignore=RULE reason` above an instruction leaves the rule out there; the reason is required.",
    "Exits with 0 when nothing is as bad as --fail-on or worse, with 1 when something is, with 2 for a wrong command line, and with 3 when a file cannot be read.",
  ],
  arguments: [{ name: "DOCKERFILE", isOptional: true, isRepeated: true }],
  options: {
    format: {
      kind: "value",
      value: "FORMAT",
      choices: ["table", "json", "sarif"],
      summary: "shape of the report (table)",
    },
    output: { kind: "value", short: "o", value: "FILE", summary: "write the report to a file" },
    "fail-on": {
      kind: "value",
      value: "SEVERITY",
      choices: ["negligible", "low", "medium", "high", "critical", "never"],
      summary: "least severity that makes the command fail (medium)",
    },
  },
  examples: [
    { line: "plimsoll lint", does: "the Dockerfile of this folder" },
    { line: "plimsoll lint --format sarif --output lint.sarif */Dockerfile", does: "for a code host" },
    { line: "git show HEAD:Dockerfile | plimsoll lint -", does: "from standard input" },
  ],
  // The rules of the secret scanner take their time to load: only who asks for them waits.
  run: async (...asked) => (await import("../lint/run-lint.ts")).runLint(...asked),
};
