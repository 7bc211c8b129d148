/** The commands with their options, as data: what shell completion and the reference in the documentation are made from. */
import type { Argument, Command, Option } from 'commander'
import { commandExamples } from '../terminal/examples.js'

/** One option of a command. */
interface OptionNode {
  /** Such as `--limit`. */
  readonly long: string
  /** Such as `-h`; undefined for most. */
  readonly short: string | undefined
  /** Such as `--limit <n>`. */
  readonly usage: string
  readonly summary: string
  /** The value if the option is not given, as a person writes it; undefined without one. */
  readonly fallback: string | undefined
  /** Whether a value follows. */
  readonly takesValue: boolean
  readonly isRequired: boolean
}

/** One argument of a command. */
interface ArgumentNode {
  /** Such as `<file>` or `[prefix]`. */
  readonly usage: string
  readonly summary: string
}

/** A command and its subcommands. */
export interface CommandNode {
  /** The words that call it, such as `partita items list`. */
  readonly path: string
  readonly name: string
  readonly summary: string
  /** The heading in the help; empty for a subcommand. */
  readonly group: string
  readonly args: readonly ArgumentNode[]
  readonly options: readonly OptionNode[]
  readonly examples: readonly string[]
  readonly children: readonly CommandNode[]
}

/** @param command a program with all of its commands loaded. */
export function commandTree(command: Command, above = ''): CommandNode {
  const path = above === '' ? command.name() : `${above} ${command.name()}`
  const help = command.createHelp()
  return {
    path,
    name: command.name(),
    summary: command.description(),
    group: above === '' ? '' : command.helpGroup(),
    args: command.registeredArguments.map(argument => ({ usage: usageOf(argument), summary: argument.description })),
    options: help.visibleOptions(command).flatMap(optionNode),
    examples: commandExamples(command),
    children: help
      .visibleCommands(command)
      .filter(child => child.name() !== 'help')
      .map(child => commandTree(child, path)),
  }
}

function usageOf(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${text}>` : `[${text}]`
}

function optionNode(option: Option): OptionNode[] {
  if (option.long === undefined || option.long === null) return []
  const { long, short, flags, description, defaultValue, required, optional, mandatory } = option
  return [
    {
      long,
      short: short ?? undefined,
      usage: flags,
      summary: description,
      fallback: defaultValue === undefined || typeof defaultValue === 'boolean' ? undefined : String(defaultValue),
      takesValue: required || optional,
      isRequired: mandatory,
    },
  ]
}
