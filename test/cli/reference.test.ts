/** The command table: what the help, the reference in the documentation and the start of the command rely on. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../packages/cli/src/commands.js'
import { type CommandNode, commandTree } from '../../packages/cli/src/completion/command-tree.js'
import { commandReference, loadProgram } from './command-reference.js'
import { call } from './in-process.js'
import { MAIN } from './partita.js'

type Program = Awaited<ReturnType<typeof loadProgram>>

const program = await loadProgram()
const root = commandTree(program)
const all = [root, ...root.children.flatMap(below)]

function below(command: CommandNode): CommandNode[] {
  return [command, ...command.children.flatMap(below)]
}

/** The arguments of an example, without the words of the shell around it. */
function argsOf(example: string): string[] {
  const [line = ''] = example.replace(/^source <\((.*)\)$/, '$1').split(/ [|>] | # /)
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1)
}

/** Replaces what the commands do: a call only parses its arguments. */
function withoutActions(command: Program): Program {
  if (command.commands.length === 0) command.action(() => undefined)
  for (const child of command.commands) withoutActions(child)
  return command
}

describe('the command table', () => {
  it.each(COMMANDS)('$name has the summary and the group of the table', ({ name, group, summary }) => {
    const command = root.children.find(child => child.name === name)
    expect(command).toMatchObject({ summary, group })
  })

  it('the help lists every command of the table, without loading it', async () => {
    const { stdout } = await call('--help')
    for (const { name, group } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
      expect(stdout).toContain(`\n${group}\n`)
    }
  })

  it('a start for the help loads the command line alone: not the library, an engine or the SDK', () => {
    const log = 'export async function load(url, context, next) { process._rawDebug(url); return next(url, context) }'
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(log)}`)})`
    const hook = `data:text/javascript,${encodeURIComponent(register)}`
    const { status, stderr } = spawnSync(process.execPath, ['--import', hook, MAIN, '--help'], { encoding: 'utf8' })
    expect(status).toBe(0)
    const loaded = stderr.split('\n').filter(url => url.startsWith('file:'))
    const cli = new URL('../../packages/cli/', import.meta.url).href
    expect(loaded).toContain(`${cli}dist/program.js`)
    expect(loaded.filter(url => !url.startsWith(cli) && !url.includes('/node_modules/commander/'))).toEqual([])
    expect(loaded.length).toBeLessThan(20)
  })
})

describe.each(all)('$path', ({ path, examples }) => {
  it('the help opens with at least two examples that are valid calls', async () => {
    expect(examples.length).toBeGreaterThanOrEqual(2)
    const { code, stdout } = await call(...path.split(' ').slice(1), '--help')
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(0, 3)).toEqual(['Examples:', `  $ ${examples[0]}`, `  $ ${examples[1]}`])
    for (const example of examples) {
      const silent = withoutActions(await loadProgram())
      await expect(silent.parseAsync(argsOf(example), { from: 'user' }), example).resolves.toBe(silent)
    }
  })
})

describe('a mistyped command', () => {
  it.each([
    ['bakup', 'backup'],
    ['itmes', 'items'],
    ['chekc', 'check'],
  ])('%s is a usage error that names %s', async (mistyped, name) => {
    const { code, stderr } = await call(mistyped)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: unknown command '${mistyped}' (Did you mean ${name}?); see --help\n`,
    })
  })
})

// Written anew by `npx vitest run test/cli/reference.test.ts --update`.
it('docs/command-reference.md is what the command table says', async () => {
  const page = fileURLToPath(new URL('../../docs/command-reference.md', import.meta.url))
  await expect(await commandReference()).toMatchFileSnapshot(page)
})
