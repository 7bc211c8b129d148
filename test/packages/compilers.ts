/**
 * Compiles a program that uses every entry of the package, in a project like a user's, with old and new versions of
 * TypeScript.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeProject, type Project, root } from './project.js'

/**
 * The folder in which each compiler is installed, the oldest first. The repository is built with 5.9; the others have own
 * workspaces.
 */
const COMPILERS = { '5.4': 'test/types/5.4', '5.9': '.', '6.0': 'test/types/6.0', '7.0': 'test/types/7.0' }
type Compiler = keyof typeof COMPILERS

/** The version that the README names as the oldest. */
export const OLDEST_COMPILER = Object.keys(COMPILERS)[0]

const PROGRAM = `
  import { add, connect, type Database, f, many, model, one, openStore } from 'partita'
  import { embedded, type EmbeddedStore, memory } from 'partita/embedded'
  import { dynamodb } from 'partita/dynamodb'
  import { createItems } from 'partita/items'
  import { matches, type Store } from 'partita/store'
  import { SingleTable } from 'partita/table'
  import { type ConsistencyReport, consistency, describeStoreContract, type TestRunner, withFaults } from 'partita/testing'
  import { createServer, requestHandler } from 'partita/wire'

  const User = model('User', {
    fields: { userId: f.ulid().auto(), name: f.string(), email: f.email(), posts: f.counter(), photo: f.bytes().optional() },
    key: { pk: 'USER#{userId}' },
    unique: { email: ['email'] },
    relations: { articles: many('Post', 'byUser') },
  })
  const Post = model('Post', {
    fields: { postId: f.ulid().auto(), userId: f.ref('User'), title: f.string(), createdAt: f.createdAt() },
    key: 'postId',
    indexes: { byUser: { on: 'gsi1', pk: 'USER#{userId}', sk: 'POST#{createdAt}' } },
    relations: { author: one('User', 'userId') },
  })

  export async function program(store: EmbeddedStore = memory()): Promise<string> {
    const db: Database<{ User: typeof User; Post: typeof Post }> = await connect({ models: { User, Post }, store })
    const user = await db.User.create({ name: 'Ada', email: 'ada@example.com' })
    await db.User.update({ userId: user.userId }, { posts: add(1) })
    // @ts-expect-error The field does not exist.
    await db.User.create({ nam: 'Ada', email: 'ada@example.com' })
    const photo: Uint8Array | undefined = user.photo
    const posts: number = user.posts
    // @ts-expect-error It is a number.
    const text: string = user.posts
    const report: ConsistencyReport = await consistency(db)
    return user.name + String(photo) + posts + text + report.rows
  }

  const Team = model('Team', {
    fields: { teamId: f.string(), members: f.list(f.map({ userId: f.string() })) },
    key: 'teamId',
  })
  const Task = model('Task', {
    fields: { taskId: f.string(), teamId: f.ref('Team'), steps: f.list(f.map({ teamId: f.string(), by: f.string() })) },
    key: 'taskId',
    database: 'tasks',
    rules: {
      permissions: 'http',
      references: { teamId: 'Team._id', 'steps.by': 'Team ( teamId ) . _id->members . userId' },
    },
  })
  export async function queries(): Promise<void> {
    const databases = [{ id: 'tasks', type: 'store', connectionDetails: { store: 'memory:' } }] as const
    const db = await connect({ models: { Team, Task }, databases })
    await db.crql('Task(id)._id->Team(@teamId)._id->members.0.userId', [{ id: '1' }])
    // @ts-expect-error Tema is not a connected model.
    await db.crql('Task(id)._id->Tema(teamId)._id->members', [{ id: '1' }])
    // @ts-expect-error An element of members has no name.
    await db.crql('Team(id)._id->members.name', [{ id: '1' }])
    // @ts-expect-error The rules of Task need Team.
    await connect({ models: { Task }, databases })
    // @ts-expect-error There is no database with the id of Task.
    await connect({ models: { Team, Task }, databases: [{ ...databases[0], id: 'task' }] })
  }
  export const Ruled = model('Ruled', {
    fields: { id: f.string(), teamId: f.ref('Team'), by: f.string() },
    key: 'id',
    indexes: { byTeam: { on: 'gsi1', pk: '{teamId}', sk: '{id}' } },
    rules: {
      permissions: { conditions: ({ actor }) => ({ by: String(actor) }), enforce: (row, { actor }) => row.by === actor },
      hooks: {
        preProcess(row) {
          row.by = row.by.trim()
        },
      },
    },
  })
  // The declarations of a program that exports its models name types of the package.
  export const Everything = model('Everything', {
    fields: {
      id: f.uuid().auto(),
      list: f.list(f.map({ at: f.date(), tags: f.set(f.string()), inner: f.record(f.decimal()) })),
      map: f.map({ json: f.json(), lists: f.list(f.list(f.bigint())) }),
      record: f.record(f.map({ n: f.number(), on: f.boolean() })),
      state: f.enum('a', 'b').default('a'),
      ends: f.ttl().optional(),
      version: f.version(),
    },
    key: 'id',
  })
  export function contract(runner: TestRunner, store: Store = withFaults(memory(), { seed: 1, throttle: 0.1 })): void {
    describeStoreContract({ name: 'an engine', open: async () => store, supports: {} }, runner)
  }
  export const entries = [openStore, embedded, dynamodb, createItems, SingleTable, createServer, requestHandler, matches]
`

const STRICT = { strict: true, skipLibCheck: false, noEmit: true }
const LIBRARY = { ...STRICT, declaration: true, target: 'es2022', lib: ['es2022'], types: ['node'] }
const NEWER = { ...STRICT, target: 'esnext', module: 'nodenext', types: [], exactOptionalPropertyTypes: true }

/**
 * The settings of programs. The last three are those of `tsc --init`, without the AWS SDK: 6.0 and later write `types: []`,
 * so Node's types are not loaded. Older versions write `module: commonjs`, which implies node10 resolution, and a target
 * whose library lacks `AsyncIterable`; Node's types add it.
 */
const SETTINGS = {
  node16: { ...LIBRARY, module: 'node16', moduleResolution: 'node16' },
  bundler: { ...LIBRARY, module: 'esnext', moduleResolution: 'bundler' },
  older: { ...STRICT, target: 'es2016', module: 'commonjs' },
  newer: { ...NEWER, noUncheckedIndexedAccess: true },
  loose: { ...NEWER, strict: false, exactOptionalPropertyTypes: false },
}
type Settings = keyof typeof SETTINGS

/** Defines a test for each compiler and settings: the program compiles without an error. */
export function testCompilers(pairs: readonly (readonly [Compiler, Settings])[]): void {
  const projects: { readonly sdk: Project; readonly sdkless: Project }[] = []
  beforeAll(() => {
    const sdk = makeProject(['@types/node', '@aws-sdk/client-dynamodb'])
    sdk.write('program.ts', PROGRAM)
    const sdkless = makeProject(['@types/node'])
    sdkless.write('program.ts', PROGRAM.replace(/^.*dynamodb' *$/m, '').replace('dynamodb, ', ''))
    for (const [name, compilerOptions] of Object.entries(SETTINGS)) {
      const text = JSON.stringify({ compilerOptions, files: ['program.ts'] })
      for (const project of [sdk, sdkless]) project.write(`${name}.json`, text)
    }
    projects.push({ sdk, sdkless })
  })
  afterAll(() => {
    for (const { sdk, sdkless } of projects) for (const project of [sdk, sdkless]) project.remove()
  })

  it.each(pairs)(
    'TypeScript %s compiles a program that uses every entry, with the %s settings',
    async (version, name) => {
      const [{ sdk, sdkless }] = projects as [(typeof projects)[number]]
      const project = name === 'node16' || name === 'bundler' ? sdk : sdkless
      expect(await compile(version, project, name)).toEqual({ output: '', status: 0 })
    },
  )
}

async function compile(version: Compiler, project: Project, settings: Settings) {
  const compiler = join(root, COMPILERS[version], 'node_modules/typescript')
  const { version: installed } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8'))
  expect(installed.startsWith(version)).toBe(true)
  const child = spawn(process.execPath, [join(compiler, 'bin/tsc'), '-p', `${settings}.json`], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  const [status] = await once(child, 'close')
  return { output, status }
}
