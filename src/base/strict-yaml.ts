// YAML that people write for us, read one way or not at all: no key twice, no alias, no tag that is not known.

import { type ErrorCode, errorText, PlimsollError } from "./errors.ts";
import { yaml } from "./yaml.ts";

export type YamlContext = {
  readonly code: ErrorCode;
  /** The file, for messages. */
  readonly where: string;
  readonly hint: string;
};

const maxCharacters = 1024 * 1024;

/** @throws PlimsollError with the code of the context; it names the line */
export function readStrictYaml(text: string, { code, where, hint }: YamlContext): unknown {
  const refuse = (what: string, cause?: unknown): PlimsollError =>
    new PlimsollError(code, `${where}: ${what}`, cause === undefined ? { hint } : { hint, cause });
  if (text.length > maxCharacters) throw refuse(`more than ${maxCharacters} characters`);
  const lines = new (yaml().LineCounter)();
  const document = yaml().parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(`line ${lines.linePos(problem.pos[0]).line}: ${problem.message}`, problem);
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw refuse(errorText(cause), cause);
  }
}
