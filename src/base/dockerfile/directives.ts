// Parser directives: `# name=value` lines before anything else, even before an empty line.
// Source: moby/buildkit frontend/dockerfile/parser/directives.go.

import type { Directive, DockerfileProblem } from "./dockerfile.ts";

const known: ReadonlySet<string> = new Set(["syntax", "escape", "check"]);

export type Directives = {
  readonly directives: readonly Directive[];
  readonly escapeCharacter: string;
  readonly problems: readonly DockerfileProblem[];
};

export function readDirectives(lines: readonly string[]): Directives {
  const directives: Directive[] = [];
  const problems: DockerfileProblem[] = [];
  let escapeCharacter = "\\";
  for (const [at, line] of lines.entries()) {
    const match = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line);
    if (match === null) break;
    const name = (match[1] ?? "").toLowerCase();
    const value = match[2] ?? "";
    const place = { line: at + 1, column: line.indexOf("#") + 1 };
    // Other names are comments, and do not end the directives.
    if (!known.has(name)) continue;
    if (directives.some((directive) => directive.name === name)) {
      problems.push({ ...place, kind: "invalid-directive", what: `directive ${name} is given twice` });
    } else if (name === "escape" && value !== "\\" && value !== "`") {
      problems.push({ ...place, kind: "invalid-directive", what: `expected escape=\\ or escape=\`, found ${value}` });
    } else if (name === "escape") escapeCharacter = value;
    directives.push({ ...place, name, value });
  }
  return { directives, escapeCharacter, problems };
}
