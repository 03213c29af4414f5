// Completion for zsh: a `_describe` for commands, `_arguments` for options. Source: zshcompsys(1).

import type { CompletionOption, CompletionWords } from "./words.ts";

export function zshCompletion(commands: readonly CompletionWords[]): string {
  const groups = commands.filter(({ path, words, options }) => path !== "" && words.length > 0 && options.length === 0);
  return `#compdef plimsoll
# zsh completion for plimsoll
_plimsoll() {
  local path=
  (( CURRENT > 2 )) && path=$words[2]
  case $path in
    ${groups.map(({ path }) => path).join("|") || "-"}) (( CURRENT > 3 )) && path="$path $words[3]" ;;
  esac
  local -a candidates
  case $path in
${commands.map(commandCase).join("")}  esac
}
_plimsoll "$@"
`;
}

function commandCase(command: CompletionWords): string {
  const words = command.words.map(({ word, summary }) => quote(`${word}:${summary || word}`)).join(" ");
  const describe = command.words.length === 0 ? "" : ` candidates=(${words}); _describe word candidates;`;
  const specs = command.options.map(optionSpec).join(" ");
  const rest = command.words.length === 0 && specs !== "" ? ` ${quote("*:file:_files")}` : "";
  return `    ${quote(command.path)})${describe}${specs === "" ? "" : ` _arguments ${specs}${rest}`} ;;\n`;
}

function optionSpec(option: CompletionOption): string {
  const values =
    option.choices.length > 0 ? `:value:(${option.choices.join(" ")})` : option.takesValue ? ":value:_files" : "";
  return quote(`--${option.name}[${option.summary.replace(/[[\]:\\]/g, "\\$&")}]${values}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
