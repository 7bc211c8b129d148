/** Every command of the table runs on a pseudo-terminal and without one, and ends with the same code. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { COMMANDS } from '../../packages/cli/src/commands.js'
import { canRunOnTerminal, runOnTerminal } from './on-terminal.js'
import { type Workplace, workplace } from './partita.js'

const LIBRARY = new URL('../../packages/partita/dist/index.js', import.meta.url).href
const MODELS = `import { f, model } from '${LIBRARY}'
export const User = model('User', {
  fields: { id: f.string(), name: f.string(), email: f.email() },
  key: 'id',
  unique: { email: ['email'] },
  indexes: { byName: { on: 'gsi1', pk: 'NAME#{name}', sk: '{id}' } },
})
`
const YAML = `models:
  User:
    modelPrefix: u
    fields: { userId: { type: UlidField, autoAssign: true } }
    primaryKey: { partitionKey: userId }
`
/** The end of a command that runs until Ctrl-C, which is typed when this text appears. */
const RUNS_UNTIL: { readonly [command: string]: string } = { dev: 'waiting for a change', serve: 'any AWS SDK' }

/** The calls of each command, in an order in which each can use what those before it made. */
const CALLS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['init', 'project', '--template', 'javascript'],
  ['check'],
  ['table', 'create'],
  ['table', 'diff'],
  ['codegen', '--models', 'models.yaml', '--out', 'generated'],
  ['infra', 'cloudformation'],
  ['seed'],
  ['put', 'User', 'id=b', 'name=Bob', 'email=b@x.org'],
  ['get', 'User', 'id=b'],
  ['find', 'User', 'email=b@x.org'],
  ['query', 'User.byName', 'name=Bob'],
  ['list', 'User'],
  ['count', 'User'],
  ['explain', 'User.byName', 'name=Bob'],
  ['decode', 'User#b', 'User'],
  ['update', 'User', 'id=b', 'name=Bea'],
  ['reindex', 'User'],
  ['export', 'User', '--out', 'users.jsonl'],
  ['delete', 'User', 'id=b'],
  ['import', 'users.jsonl', 'User'],
  ['dump', 'dumped'],
  ['load', 'dumped', '--store', 'embedded:./loaded'],
  ['copy', 'embedded:./store', 'embedded:./copied'],
  ['items', 'put', '{"category":"c","key":"k"}'],
  ['items', 'list', 'c'],
  ['backup', 'saved'],
  ['restore', 'saved', 'restored'],
  ['verify'],
  ['doctor'],
  ['completion', 'bash'],
  ['dev'],
  ['serve', '--port', '0'],
]

function project(): Workplace {
  const cli = workplace()
  const write = (name: string, text: string) => writeFileSync(join(cli.folder, name), text)
  write('models.mjs', MODELS)
  write('models.yaml', YAML)
  write('seed.jsonl', '{"model":"User","row":{"id":"a","name":"Ada","email":"a@x.org"}}\n')
  write('partita.config.json', JSON.stringify({ models: 'models.mjs', seed: 'seed.jsonl' }))
  return cli
}

async function runPlainly(cli: Workplace, [command, ...args]: readonly [string, ...string[]]) {
  const { child, ended } = cli.start(command, ...args)
  const until = RUNS_UNTIL[command]
  let shown = ''
  const stopWhenShown = (text: string) => {
    shown += text
    if (until !== undefined && shown.includes(until)) child.kill('SIGINT')
  }
  child.stdout?.on('data', stopWhenShown)
  child.stderr?.on('data', stopWhenShown)
  child.stdin?.end()
  return ended
}

it('every command has a call here', () => {
  const called = new Set(CALLS.map(([command]) => command))
  expect(COMMANDS.map(({ name }) => name).filter(name => !called.has(name))).toEqual([])
})

it.skipIf(!canRunOnTerminal)(
  'every command ends alike on a terminal and without one, where it prints no escapes',
  async () => {
    const [plain, terminal] = [project(), project()]
    for (const call of CALLS) {
      const [command] = call
      const { code, stdout, stderr } = await runPlainly(plain, call)
      expect({ call, code, stderr }).toEqual({ call, code: 0, stderr: expect.not.stringContaining('\u001b') })
      expect(stdout).not.toContain('\u001b')
      const until = RUNS_UNTIL[command]
      const answer = until === undefined ? undefined : { when: until, type: '\u0003' }
      const { code: ended, shown } = await runOnTerminal(terminal, answer, ...call)
      expect({ call, ended, shown }).toEqual({ call, ended: 0, shown: expect.any(String) })
    }
  },
)
