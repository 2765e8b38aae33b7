// `strm completion`: scripts for shells, made from the definitions of the commands.
import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit.ts";

export const shells = ["bash", "zsh", "fish"] as const;

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
}

export function completion(shell: (typeof shells)[number], program: Command): ExitCode {
  const commands = program.commands.map(
    (command): Words => ({
      name: command.name(),
      summary: command.summary() || command.description(),
      flags: command.options
        .flatMap((option) => (option.long === undefined || option.long === null ? [] : [option.long]))
        .concat("--help"),
    }),
  );
  process.stdout.write({ bash: bash, zsh: zsh, fish: fish }[shell](commands));
  return exitCodes.ok;
}

function bash(commands: readonly Words[]): string {
  const cases = commands.map(({ name, flags }) => `    ${name}) flags="${flags.join(" ")}" ;;`).join("\n");
  return `# bash: source <(strm completion bash)
_strm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flags=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _strm strm
`;
}

function zsh(commands: readonly Words[]): string {
  const quoted = (text: string) => text.replaceAll("'", "").replaceAll(":", " -");
  const names = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join("\n");
  const cases = commands.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(" ")} ;;`).join("\n");
  return `#compdef strm
# zsh: put this into a file _strm in a folder of $fpath
_strm() {
  local -a commands=(
${names}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  if [[ "$PREFIX" == -* ]]; then
    case "\${words[2]}" in
${cases}
    esac
  else
    _files
  fi
}
_strm "$@"
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c strm -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", "")}'`,
    ...flags.map((flag) => `complete -c strm -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
  ]);
  return `# fish: strm completion fish > ~/.config/fish/completions/strm.fish\n${lines.join("\n")}\n`;
}
