// `strm completion`: scripts for shells, made from the definitions of the commands.
import type { Command } from "commander";
import { diagnosticCodes } from "../../dsl/index.ts";
import { eventCodes, failureCodes } from "../../runner/index.ts";
import type { Shell } from "../choices.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { commandFailureCodes } from "../failure-codes.ts";

interface Flag {
  readonly name: string;
  readonly summary: string;
  /** Words that may follow it; null where it takes no value, empty where it takes any. */
  readonly values: readonly string[] | null;
}

interface Words {
  /** With the command above it: `rejected list`. */
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Words that may stand as its argument, beside files. */
  readonly values: readonly string[];
  /** Commands below it, one of which comes first. */
  readonly below: readonly Words[];
}

export function completion(shell: Shell, program: Command): ExitCode {
  const commands = program.commands.map((command) => wordsOf(command));
  process.stdout.write({ bash, zsh, fish }[shell](commands));
  return exitCodes.ok;
}

function wordsOf(command: Command, above = ""): Words {
  const name = `${above}${command.name()}`;
  const flags = command.options.map((option) => ({
    name: option.long ?? option.flags,
    summary: option.description,
    values: option.required ? valuesOf(option.long, option.argChoices) : null,
  }));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const codes = { ...diagnosticCodes, ...failureCodes, ...commandFailureCodes, ...eventCodes };
  return {
    name,
    summary: command.summary(),
    flags: [...flags, { name: "--help", summary: "show help", values: null }],
    values: name === "explain" ? Object.keys(codes).sort() : choices,
    below: command.commands.map((each) => wordsOf(each, `${name} `)),
  };
}

function valuesOf(
  flag: string | null | undefined,
  choices: readonly string[] | undefined,
): readonly string[] {
  return flag === "--code" ? Object.keys(eventCodes).sort() : (choices ?? []);
}

/** The last word of a command's name. */
const lastOf = ({ name }: Words): string => name.replace(/^.* /, "");

const withBelow = (commands: readonly Words[]): readonly Words[] =>
  commands.flatMap((command) => [command, ...withBelow(command.below)]);

const namesOf = (commands: readonly Words[]): string =>
  [...commands.map(({ name }) => name), "help"].join(" ");

function bash(commands: readonly Words[]): string {
  const all = withBelow(commands);
  const cases = all.map(
    ({ name, flags, values }) =>
      `    "${name}") flags="${flags.map((flag) => flag.name).join(" ")}" values="${values.join(" ")}" ;;`,
  );
  const groups = all
    .filter(({ below }) => below.length > 0)
    .map(({ name, below }) => `    "${name}") below="${below.map(lastOf).join(" ")}" ;;`);
  const choices = all.flatMap(({ name, flags }) =>
    flags
      .filter(({ values }) => values !== null && values.length > 0)
      .map((flag) => `    "${name} ${flag.name}") choices="${flag.values?.join(" ")}" ;;`),
  );
  return `# bash: source <(strm completion bash)
_strm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local flags="" values="" choices="" below=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)} --help --version" -- "$word"))
    return
  fi
  case "$command" in
${groups.join("\n")}
  esac
  if [ -n "$below" ]; then
    if [ "$COMP_CWORD" -eq 2 ]; then
      COMPREPLY=($(compgen -W "$below --help" -- "$word"))
      return
    fi
    command="$command \${COMP_WORDS[2]}"
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
  const cases = withBelow(commands).map(({ name, flags, values, below }) => {
    if (below.length > 0) {
      const lines = below.map((each) => `'${lastOf(each)}:${plain(each.summary)}'`);
      return `    '${name}') local -a below=(${lines.join(" ")}); _describe 'command' below ;;`;
    }
    const specs = flags.map((flag) => {
      const value =
        flag.values === null
          ? ""
          : `:value:${flag.values.length > 0 ? `(${flag.values.join(" ")})` : "_files"}`;
      return `'${flag.name}[${plain(flag.summary)}]${value}'`;
    });
    const what =
      values.length > 0 ? `_alternative "words:word:(${values.join(" ")})" "files:file:_files"` : "_files";
    return `    '${name}') _arguments ${specs.join(" ")} '*:argument:{ ${what} }' ;;`;
  });
  const nested = commands
    .filter(({ below }) => below.length > 0)
    .map(
      ({ name }) =>
        `    ${name}) if (( CURRENT > 2 )); then command="$command \${words[2]}"; shift words; (( CURRENT-- )); fi ;;`,
    )
    .join("\n");
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
${nested}
  esac
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
  const lines = withBelow(commands).flatMap((command) => {
    const { name, summary, flags, values, below } = command;
    const [first = "", second] = name.split(" ");
    const names = commands.find((each) => each.name === first)?.below.map(lastOf) ?? [];
    const place =
      second === undefined
        ? "__fish_use_subcommand"
        : `'__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${names.join(" ")}'`;
    const inside = `'__fish_seen_subcommand_from ${first}${second === undefined ? "" : `; and __fish_seen_subcommand_from ${second}`}'`;
    return [
      `complete -c strm -f -n ${place} -a ${lastOf(command)} -d ${quoted(summary)}`,
      ...(below.length > 0 ? [] : flags).map((flag) => {
        const value =
          flag.values === null ? "" : flag.values.length > 0 ? ` -xa '${flag.values.join(" ")}'` : " -r";
        return `complete -c strm -n ${inside} -l ${flag.name.slice(2)}${value} -d ${quoted(flag.summary)}`;
      }),
      ...(values.length === 0 ? [] : [`complete -c strm -n ${inside} -a '${values.join(" ")}'`]),
    ];
  });
  return `# fish: strm completion fish > ~/.config/fish/completions/strm.fish\n${lines.join("\n")}\n`;
}

/** A summary without the signs that shells read. */
function plain(text: string): string {
  return text
    .replace(/['"`$\\[\]:]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
