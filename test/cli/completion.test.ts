/** `partita completion`: the scripts complete command lines in the shells themselves. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, folder } from './in-process.js'

type Complete = (script: string, words: readonly string[]) => readonly [string, ...string[]]

/** Command lines that print what a shell would offer for the last word, one on each line. */
const SHELLS: Readonly<Record<string, Complete>> = {
  bash: (script, words) => {
    const array = words.map(word => `'${word}'`).join(' ')
    const run = `source ${script}; COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _partita; printf '%s\\n' "\${COMPREPLY[@]}"`
    return ['bash', '--norc', '-c', run]
  },
  zsh: (script, words) => {
    // The functions of zsh's completion system work only while a user types; these print what they would offer.
    const system = `compdef() { : }; _files() { : }; _describe() { print -rl -- "\${(@P)argv[-1]}" | grep -e "^$PREFIX" | sed 's/:.*//' }`
    const array = words.map(word => `'${word}'`).join(' ')
    const state = `words=(${array}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'`
    return ['zsh', '-f', '-c', `${system}; source ${script}; ${state}; _partita`]
  },
  fish: (script, words) => [
    'fish',
    '--no-config',
    '-c',
    `source ${script}; complete -C '${words.join(' ')}' | cut -f1`,
  ],
}

describe.each(Object.entries(SHELLS))('completion in %s', (shell, complete) => {
  const isInstalled = spawnSync(shell, ['--version']).status === 0
  if (!isInstalled) console.warn(`Skipping the tests of completion in ${shell}, which this machine does not have.`)

  let script: string

  beforeAll(async () => {
    script = (await call('completion', shell)).stdout
  })

  function offered(line: string): string[] {
    const file = folder()('script')
    writeFileSync(file, script)
    const [command, ...args] = complete(file, line.split(' '))
    const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 })
    expect({ stderr, status: status === 0 || status === 1 }).toEqual({ stderr: '', status: true })
    return stdout.split('\n').filter(word => word !== '')
  }

  it.skipIf(!isInstalled).each([
    ['partita che', ['check']],
    ['partita items ', ['delete', 'export', 'get', 'import', 'list', 'put']],
    ['partita items list --li', ['--limit']],
    ['partita table --js', []],
    ['partita table diff --js', ['--json']],
    // Neither the value of an option nor an argument is a subcommand.
    ['partita items --table list get --cons', ['--consistent']],
    ['partita items get list --cons', ['--consistent']],
  ])('the words after %j are offered', (line, expected) => {
    expect(offered(line).sort()).toEqual(expected)
  })

  it.skipIf(!isInstalled)('no command is missing among those that are offered first', async () => {
    const help = (await call('--help')).stdout
    const names = [...help.matchAll(/^ {2}([a-z]+) (?:\[|\s)/gm)].map(([, name]) => name as string)
    expect(names).toContain('items')
    expect(offered('partita ').sort()).toEqual(names.filter(name => name !== 'help').sort())
  })
})

it('a shell without a script is a usage error that lists those with one', async () => {
  const { code, stderr } = await call('completion', 'tcsh')
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/tcsh.*bash, zsh, fish/) })
})
