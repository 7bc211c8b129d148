/** The reference of the command as a page, from the command table. */
import { PassThrough } from 'node:stream'
import { COMMANDS } from '../../packages/cli/src/commands.js'
import { type CommandNode, commandTree } from '../../packages/cli/src/completion/command-tree.js'
import { makeProgram } from '../../packages/cli/src/program.js'
import { Output } from '../../packages/cli/src/terminal/output.js'

const HEAD = `# Reference of the command

All commands with their options, as \`partita <command> --help\` prints them. [The command](command.md) explains what they have in common.
`

/** The whole program with all of its commands. */
export async function loadProgram() {
  const [input, screen] = [new PassThrough(), new PassThrough()]
  return makeProgram({ all: true }, { input, screen, output: new Output(screen, screen) })
}

/** The page `docs/command-reference.md`. */
export async function commandReference(): Promise<string> {
  const tree = commandTree(await loadProgram())
  const groups = [...new Set(COMMANDS.map(({ group }) => group))]
  const sections = groups.map(group => {
    const commands = tree.children.filter(child => child.group === group).flatMap(withSubcommands)
    return [`## ${group.replace(/:$/, '')}\n`, ...commands.map(commandText)].join('\n')
  })
  return [HEAD, ...sections].join('\n')
}

/** A command and all below it. One that only has subcommands has no section of its own. */
export function withSubcommands(command: CommandNode): CommandNode[] {
  return command.children.length > 0 ? command.children.flatMap(withSubcommands) : [command]
}

function commandText({ path, summary, args, options, examples }: CommandNode): string {
  const call = [path, ...args.map(({ usage }) => usage)].join(' ')
  const rows = [
    ...args.filter(({ summary }) => summary !== '').map(({ usage, summary }) => [usage, summary]),
    ...options
      .filter(({ long }) => long !== '--help')
      .map(({ usage, summary, fallback, isRequired }) => {
        const more = isRequired
          ? ' (required)'
          : fallback === undefined || fallback === ''
            ? ''
            : ` (default: ${fallback})`
        return [usage, `${summary}${more}`]
      }),
  ] as const
  const table = aligned([
    ['argument or option', 'meaning'],
    ...rows.map(([usage, text]) => [`\`${usage}\``, escaped(text!)]),
  ])
  return [
    `### ${path}\n`,
    `\`${call}\`: ${escaped(summary)}.\n`,
    '```sh',
    ...examples,
    '```\n',
    ...(rows.length > 0 ? [...table, ''] : []),
  ].join('\n')
}

/** Text that Markdown could read as a tag or as emphasis. */
function escaped(text: string): string {
  return text.replace(/[<>*`[\]{}]/g, character => `&#${character.charCodeAt(0)};`)
}

/** A table of Markdown as the formatter of the repository writes it. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map(row => row.map(cell => cell.replaceAll('|', '\\|')))
  const widths = [0, 1].map(column => Math.max(...cells.map(row => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head = [], ...body] = cells
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...body.map(line)]
}
