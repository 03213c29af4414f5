// Completion for bash: one function that looks at the words before the cursor. Source: bash(1), "Programmable Completion".

import type { CompletionWords } from "./words.ts";

export function bashCompletion(commands: readonly CompletionWords[]): string {
  const groups = commands.filter(({ path, words, options }) => path !== "" && words.length > 0 && options.length === 0);
  return `# bash completion for plimsoll
_plimsoll() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path=\${COMP_WORDS[1]:-}
  [ "$COMP_CWORD" -gt 1 ] || path=
  case "$path" in
    ${groups.map(({ path }) => path).join("|") || "-"}) [ "$COMP_CWORD" -gt 2 ] && path="$path \${COMP_WORDS[2]}" ;;
  esac
  case "$path $previous" in
${valueCases(commands)}  esac
  local words=
  case "$path" in
${commands.map((command) => `    "${command.path}") words="${candidates(command)}" ;;\n`).join("")}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o bashdefault -o default -F _plimsoll plimsoll
`;
}

/** After an option with a value come its choices, or file names. */
function valueCases(commands: readonly CompletionWords[]): string {
  return commands
    .flatMap(({ path, options }) =>
      options
        .filter((option) => option.takesValue)
        .map(({ name, choices }) =>
          choices.length > 0
            ? `    "${path} --${name}") mapfile -t COMPREPLY < <(compgen -W "${choices.join(" ")}" -- "$current"); return ;;\n`
            : `    "${path} --${name}") COMPREPLY=(); return ;;\n`,
        ),
    )
    .join("");
}

function candidates(command: CompletionWords): string {
  return [...command.words.map(({ word }) => word), ...command.options.map(({ name }) => `--${name}`)].join(" ");
}
