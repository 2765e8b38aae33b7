// The reference page of the commands, made from their definitions.
import type { Argument, Command, Option } from "commander";
import type { FurtherPage, FurtherSection } from "../dsl/index.ts";
import { defineCommands } from "./define-commands.ts";

export function commandsPage(): FurtherPage {
  const program = defineCommands("", () => {});
  return {
    path: "commands.md",
    title: "Commands",
    intro:
      "What `strm` can be asked to do, with every flag. `--help` behind a command shows the same, with examples.",
    sections: program.commands.flatMap((command) => sectionsOf(command, "strm")),
  };
}

function sectionsOf(command: Command, above: string): readonly FurtherSection[] {
  const name = `${above} ${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((each) => sectionsOf(each, name));
  const words = command.registeredArguments.map((argument): [string, string] => [
    `\`${usageOf(argument)}\``,
    `${argument.description}${choicesOf(argument)}`,
  ]);
  const flags = command.options.map((option): [string, string] => [
    `\`${option.flags}\``,
    `${option.description}${choicesOf(option)}`,
  ]);
  return [{ title: name, text: [command.description()], rows: [...words, ...flags] }];
}

function usageOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function choicesOf({ argChoices, defaultValue }: Argument | Option): string {
  const choices = argChoices === undefined ? [] : [argChoices.map((choice) => `\`${choice}\``).join(", ")];
  const otherwise = defaultValue === undefined ? [] : [`default: \`${defaultValue}\``];
  const facts = [...choices, ...otherwise];
  return facts.length === 0 ? "" : ` (${facts.join("; ")})`;
}
