// A Dockerfile, understood as BuildKit's own parser does, with a position for everything that can be pointed at.
// Source: moby/buildkit frontend/dockerfile/parser (parser.go, line_parsers.go, split_command.go), docs.docker.com/reference/dockerfile.

/** Both count from 1; columns count UTF-16 units. */
export type Position = { readonly line: number; readonly column: number };

export type Directive = Position & { readonly name: string; readonly value: string };

/** `--mount=type=cache` is name `mount`; `--link` has the value "". */
export type Flag = Position & { readonly name: string; readonly value: string; readonly hasValue: boolean };

export type Word = Position & { readonly text: string };

export type Heredoc = Position & {
  readonly name: string;
  readonly content: string;
  /** Variables in the content are replaced: its name was not quoted. */
  readonly isExpanded: boolean;
  /** Leading tabs are removed: `<<-`. */
  readonly isIndented: boolean;
};

export type Instruction = Position & {
  /** Upper case. */
  readonly keyword: string;
  /** As it was written. */
  readonly written: string;
  /** The whole of it, continued lines joined. */
  readonly joined: string;
  readonly endLine: number;
  readonly flags: readonly Flag[];
  /** Arguments after the flags, continued lines joined. */
  readonly text: string;
  /** `json` is the form that starts no shell: `["a", "b"]`. */
  readonly form: "json" | "shell";
  /** Elements of the JSON form, else what blanks separate (quotes are kept). */
  readonly words: readonly Word[];
  readonly heredocs: readonly Heredoc[];
  /** What ONBUILD runs later; undefined for every other instruction. */
  readonly trigger: Instruction | undefined;
  /** Where a character of `text` stands in the file. */
  readonly positionOf: (offset: number) => Position;
};

export type Comment = Position & { readonly text: string };

/** What a builder refuses, or warns about. */
export type DockerfileProblem = Position & {
  readonly kind:
    | "unterminated-heredoc"
    | "invalid-directive"
    | "invalid-flag"
    | "invalid-trigger"
    | "empty-continuation"
    | "no-instructions";
  readonly what: string;
};

export type Dockerfile = {
  readonly directives: readonly Directive[];
  /** `\` or a backquote. */
  readonly escapeCharacter: string;
  readonly instructions: readonly Instruction[];
  readonly comments: readonly Comment[];
  readonly problems: readonly DockerfileProblem[];
};
