// `strm completion`: scripts for shells, made from the definitions of the commands.
import type { Command } from "commander";
import { diagnosticCodes } from "../../dsl/index.ts";
import { eventCodes, failureCodes } from "../../runner/index.ts";
import type { Shell } from "../choices.ts";
import { type ExitCode, exitCodes } from "../exit.ts";

interface Flag {
  readonly name: string;
  readonly summary: string;
  /** Words that may follow it; null where it takes no value, empty where it takes any. */
  readonly values: readonly string[] | null;
}

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Words that may stand as its argument, beside files. */
  readonly values: readonly string[];
}

export function completion(shell: Shell, program: Command): ExitCode {
  const commands = program.commands.map(wordsOf);
  process.stdout.write({ bash, zsh, fish }[shell](commands));
  return exitCodes.ok;
}

function wordsOf(command: Command): Words {
  const flags = command.options.map((option) => ({
    name: option.long ?? option.flags,
    summary: option.description,
    values: option.required ? (option.argChoices ?? []) : null,
  }));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const codes = { ...diagnosticCodes, ...failureCodes, ...eventCodes };
  return {
    name: command.name(),
    summary: command.summary(),
    flags: [...flags, { name: "--help", summary: "show help", values: null }],
    values: command.name() === "explain" ? Object.keys(codes).sort() : choices,
  };
}

const namesOf = (commands: readonly Words[]): string =>
  [...commands.map(({ name }) => name), "help"].join(" ");

function bash(commands: readonly Words[]): string {
  const cases = commands.map(
    ({ name, flags, values }) =>
      `    ${name}) flags="${flags.map((flag) => flag.name).join(" ")}" values="${values.join(" ")}" ;;`,
  );
  const choices = commands.flatMap(({ name, flags }) =>
    flags
      .filter(({ values }) => values !== null && values.length > 0)
      .map((flag) => `    "${name} ${flag.name}") choices="${flag.values?.join(" ")}" ;;`),
  );
  return `# bash: source <(strm completion bash)
_strm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local flags="" values="" choices=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)} --help --version" -- "$word"))
    return
  fi
  case "$command" in
    help) values="${namesOf(commands)}" ;;
${cases.join("\n")}
  esac
  case "$command $before" in
${choices.join("\n")}
  esac
  if [ -n "$choices" ]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  elif [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$values" -- "$word") $(compgen -d -- "$word") $(compgen -f -X '!*.strm' -- "$word"))
  fi
}
complete -o filenames -F _strm strm
`;
}

function zsh(commands: readonly Words[]): string {
  const names = commands.map(({ name, summary }) => `    '${name}:${plain(summary)}'`);
  const cases = commands.map(({ name, flags, values }) => {
    const specs = flags.map((flag) => {
      const value =
        flag.values === null
          ? ""
          : `:value:${flag.values.length > 0 ? `(${flag.values.join(" ")})` : "_files"}`;
      return `'${flag.name}[${plain(flag.summary)}]${value}'`;
    });
    const what =
      values.length > 0 ? `_alternative "words:word:(${values.join(" ")})" "files:file:_files"` : "_files";
    return `    ${name}) _arguments ${specs.join(" ")} '*:argument:{ ${what} }' ;;`;
  });
  return `#compdef strm
# zsh: strm completion zsh > ~/.zfunc/_strm, with fpath+=~/.zfunc before compinit
_strm() {
  local -a commands=(
${names.join("\n")}
    'help:show help for a command'
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
    help) _describe 'command' commands ;;
${cases.join("\n")}
  esac
}
_strm "$@"
`;
}

function fish(commands: readonly Words[]): string {
  const quoted = (text: string): string => `'${plain(text)}'`;
  const lines = commands.flatMap(({ name, summary, flags, values }) => [
    `complete -c strm -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...flags.map((flag) => {
      const value =
        flag.values === null ? "" : flag.values.length > 0 ? ` -xa '${flag.values.join(" ")}'` : " -r";
      return `complete -c strm -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.slice(2)}${value} -d ${quoted(flag.summary)}`;
    }),
    ...(values.length === 0
      ? []
      : [`complete -c strm -n '__fish_seen_subcommand_from ${name}' -a '${values.join(" ")}'`]),
  ]);
  return `# fish: strm completion fish > ~/.config/fish/completions/strm.fish\n${lines.join("\n")}\n`;
}

/** A summary without the signs that shells read. */
function plain(text: string): string {
  return text
    .replace(/['"`$\\[\]:]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
