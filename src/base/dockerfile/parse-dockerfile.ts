// Text of a Dockerfile -> instructions. Never throws for what people write: what a builder would refuse is a problem with a place.

import { limitExceeded } from "../errors.ts";
import { readDirectives } from "./directives.ts";
import type { Comment, Dockerfile, DockerfileProblem, Heredoc, Instruction } from "./dockerfile.ts";
import { findHeredocs } from "./heredocs.ts";
import { type LogicalLine, LogicalLineBuilder } from "./logical-line.ts";
import { skipBlanks, splitFlags, splitWords } from "./split-words.ts";

export type DockerfileOptions = {
  /** For errors. */
  readonly where: string;
  /** BuildKit knows heredocs, the classic builder does not. */
  readonly hasHeredocs: boolean;
};

const maxCharacters = 1024 * 1024;
const maxInstructions = 10_000;

/** Instructions whose arguments may be a JSON array. */
const jsonKeywords: ReadonlySet<string> = new Set([
  "ADD",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "RUN",
  "SHELL",
  "VOLUME",
  "HEALTHCHECK",
]);
const heredocKeywords: ReadonlySet<string> = new Set(["ADD", "COPY", "RUN"]);

/** @throws PlimsollError LIMIT_EXCEEDED for a file that no person wrote */
export function parseDockerfile(text: string, options: DockerfileOptions): Dockerfile {
  if (text.length > maxCharacters) throw limitExceeded(options.where, `more than ${maxCharacters} characters`);
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const { directives, escapeCharacter, problems } = readDirectives(lines);
  const reading = new Reading(lines, escapeCharacter, options, [...problems]);
  const instructions: Instruction[] = [];
  for (let next = reading.next(); next !== undefined; next = reading.next()) {
    instructions.push(next);
    if (instructions.length > maxInstructions)
      throw limitExceeded(options.where, `more than ${maxInstructions} instructions`);
  }
  if (instructions.length === 0)
    reading.problems.push({ line: 1, column: 1, kind: "no-instructions", what: "no instructions" });
  return { directives, escapeCharacter, instructions, comments: reading.comments, problems: reading.problems };
}

/** Goes through the lines once. */
class Reading {
  readonly comments: Comment[] = [];
  readonly problems: DockerfileProblem[];
  readonly #lines: readonly string[];
  readonly #escapeCharacter: string;
  readonly #options: DockerfileOptions;
  readonly #continued: RegExp;
  #at = 0;

  constructor(
    lines: readonly string[],
    escapeCharacter: string,
    options: DockerfileOptions,
    problems: DockerfileProblem[],
  ) {
    this.#lines = lines;
    this.#escapeCharacter = escapeCharacter;
    this.#options = options;
    this.problems = problems;
    const mark = escapeCharacter === "\\" ? "\\\\" : escapeCharacter;
    // Two escape characters at the end are text, not a continuation.
    this.#continued = new RegExp(`(^|[^${mark}])${mark}[ \\t]*$`);
  }

  next(): Instruction | undefined {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? "";
      this.#at += 1;
      if (this.#takeComment(line) || line.trim() === "") continue;
      const start = this.#at;
      const joined = this.#join(line);
      if (joined.text.trim() === "") continue;
      return this.#finish(joined, start);
    }
    return undefined;
  }

  #takeComment(line: string): boolean {
    const indent = line.length - line.trimStart().length;
    if (!line.startsWith("#", indent)) return false;
    this.comments.push({ line: this.#at, column: indent + 1, text: line.slice(indent + 1).trim() });
    return true;
  }

  /** The first line and all that continue it; comments and empty lines between them do not count. */
  #join(first: string): LogicalLine {
    const builder = new LogicalLineBuilder();
    const indent = first.length - first.trimStart().length;
    let isOpen = this.#append(builder, first.slice(indent), indent + 1);
    let hasGap = 0;
    while (isOpen && this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? "";
      this.#at += 1;
      if (this.#takeComment(line)) continue;
      if (line.trim() === "") hasGap ||= this.#at;
      else isOpen = this.#append(builder, line, 1);
    }
    if (hasGap > 0)
      this.problems.push({
        line: hasGap,
        column: 1,
        kind: "empty-continuation",
        what: "an empty line inside a continued instruction",
      });
    return builder.build();
  }

  #append(builder: LogicalLineBuilder, line: string, column: number): boolean {
    const isOpen = this.#continued.test(line);
    builder.append(isOpen ? line.replace(this.#continued, "$1") : line, this.#at, column);
    return isOpen;
  }

  #finish(joined: LogicalLine, line: number): Instruction {
    const instruction = this.#instruction(joined, 0, line);
    const heredocs = this.#heredocs(instruction);
    return heredocs.length === 0 ? instruction : { ...instruction, heredocs, endLine: this.#at };
  }

  #instruction(joined: LogicalLine, from: number, line: number): Instruction {
    const start = skipBlanks(joined.text, from);
    const written = /^\S+/.exec(joined.text.slice(start))?.[0] ?? "";
    const keyword = written.toUpperCase();
    const after = joined.text.slice(start + written.length);
    const { flags, rest } = splitFlags(after, this.#escapeCharacter);
    const base = start + written.length + rest;
    const text = joined.text.slice(base).trimEnd();
    const positionOf = (offset: number) => joined.positionOf(base + offset);
    const json = jsonKeywords.has(keyword)
      ? jsonWords(keyword === "HEALTHCHECK" ? text.replace(/^\s*CMD\s/i, (cmd) => " ".repeat(cmd.length)) : text)
      : undefined;
    const words = splitWords(text, this.#escapeCharacter);
    // A trigger has no trigger of its own.
    const isTrigger = keyword === "ONBUILD" && text !== "" && from === 0;
    if (from > 0 && /^(?:ONBUILD|FROM|MAINTAINER)$/.test(keyword)) {
      this.problems.push({ ...joined.positionOf(start), kind: "invalid-trigger", what: `ONBUILD ${keyword}` });
    }
    return {
      ...joined.positionOf(start),
      line,
      keyword,
      written,
      joined: joined.text.slice(start).trimEnd(),
      endLine: this.#at,
      flags: flags.map((flag) => this.#flag(flag.text, joined.positionOf(start + written.length + flag.offset))),
      text,
      form: json === undefined ? "shell" : "json",
      words: (json ?? words).map((word) => ({ text: word.text, ...positionOf(word.offset) })),
      heredocs: [],
      trigger: isTrigger ? this.#instruction(joined, base, line) : undefined,
      positionOf,
    };
  }

  #flag(text: string, position: { readonly line: number; readonly column: number }) {
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (!/^[a-z][a-z-]*$/.test(name))
      this.problems.push({ ...position, kind: "invalid-flag", what: `no flag --${name}` });
    return { ...position, name, value: value ?? "", hasValue: value !== undefined };
  }

  #heredocs(instruction: Instruction): readonly Heredoc[] {
    const inner = instruction.trigger ?? instruction;
    if (!this.#options.hasHeredocs || !heredocKeywords.has(inner.keyword) || inner.form === "json") return [];
    return findHeredocs(splitWords(inner.text, this.#escapeCharacter), this.#escapeCharacter).map((start) => {
      const line = this.#at + 1;
      const content: string[] = [];
      for (;;) {
        const next = this.#lines[this.#at];
        if (next === undefined) {
          this.problems.push({
            ...inner.positionOf(start.offset),
            kind: "unterminated-heredoc",
            what: `no line with ${start.name} alone ends the heredoc`,
          });
          break;
        }
        this.#at += 1;
        if ((start.isIndented ? next.replace(/^\t+/, "") : next) === start.name) break;
        content.push(`${next}\n`);
      }
      return {
        name: start.name,
        isExpanded: start.isExpanded,
        isIndented: start.isIndented,
        content: content.join(""),
        line,
        column: 1,
      };
    });
  }
}

/** Elements with the offsets at which their texts begin; undefined when it is no array of strings. */
function jsonWords(text: string): readonly { readonly text: string; readonly offset: number }[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) return undefined;
    let from = text.indexOf("[");
    return value.map((item: string) => {
      const offset = text.indexOf('"', from) + 1;
      from = endOfString(text, offset);
      return { text: item, offset };
    });
  } catch {
    return undefined; // no JSON: the shell form
  }
}

/** The offset after the quote that ends the string. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === "\\") at += 1;
    else if (text.charAt(at) === '"') return at + 1;
  }
  return text.length;
}
