/** The size of a library in a bundle. */
import { builtinModules } from 'node:module'
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile, type Plugin } from 'esbuild'
import { programFolder } from '../folder.js'
import { loadedChunks, type Stage } from '../loaded-chunks.js'
import { figure, printTable } from '../table.js'

const KILOBYTE = 1024
/** Bytes, gzip: of a program that only creates, reads, changes and queries rows, and of one that uses what is listed below. */
const BAR = 20 * KILOBYTE
const BAR_OF_ALL = 30 * KILOBYTE

interface Entry {
  readonly library: string
  readonly text: string
}

/** The imports of each library that a program with models needs. */
const ENTRIES: readonly Entry[] = [
  { library: 'partita', text: `export { connect, model, f, one, many, add } from 'partita'` },
  { library: 'electrodb', text: `export { Entity, Service } from 'electrodb'` },
  {
    library: 'dynamodb-toolbox',
    text: `export {
      Entity, GetItemCommand, item, number, PutItemCommand, QueryCommand, string, Table, UpdateItemCommand,
    } from 'dynamodb-toolbox'`,
  },
  {
    library: 'onetable',
    text: `export { Table } from 'dynamodb-onetable'
      export { Dynamo } from 'dynamodb-onetable/Dynamo'`,
  },
  { library: 'dynamo-bao', text: `export { default } from 'dynamo-bao'` },
]

const ROWS = 'created, read, changed and queried rows'
const FEATURES = 'used a relation, a collection, a transaction and an iteration'

const PROGRAM = `
import { add, collection, connect, f, many, model } from 'partita'
import { memory } from 'partita/embedded'

const User = model('User', {
  fields: { userId: f.ulid().auto(), email: f.email(), role: f.enum('admin', 'member'), views: f.counter() },
  key: { pk: 'USER#{userId}', sk: 'USER' },
  indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{email}' } },
})
const Post = model('Post', {
  fields: { postId: f.ulid().auto(), userId: f.ref('User'), title: f.string() },
  key: { pk: 'USER#{userId}', sk: 'POST#{postId}' },
})
const Tag = model('Tag', { fields: { name: f.string() }, key: 'name' })
stage('defined models')
const models = { User, Post, Tag }
const db = await connect({ models, store: memory() })
stage('connected')
const { userId } = await db.User.create({ email: 'ada@example.com', role: 'admin' })
await db.User.get({ userId })
await db.User.update({ userId }, { views: add(1) }, { if: { role: 'admin' } })
await db.User.query.byRole({ role: 'admin' }, { where: { views: { $gte: 1 } } }).page()
await db.User.delete({ userId })
stage('${ROWS}')
const Writer = model('User', { ...User.definition, relations: { posts: many('Post', 'key') } })
const WriterFile = collection('WriterFile', { pk: 'USER#{userId}', one: { User: Writer }, many: { Post } })
const all = await connect({ models: { ...models, User: Writer }, collections: { WriterFile }, store: memory() })
await all.transaction(async tx => {
  await tx.User.create({ userId, email: 'ada@example.com', role: 'admin' })
})
await (await all.User.get({ userId })).posts().all()
await all.WriterFile.get({ userId })
for await (const _ of all.User.iterate()) continue
stage('${FEATURES}')
`

export async function measureBundle(): Promise<void> {
  const head = ['library', 'minified', 'gzip', 'more on demand, gzip', "Node's modules in it"]
  const rows: string[][] = []
  let ours = 0
  for (const entry of ENTRIES) {
    const { minified, zipped, onDemand, builtins } = await bundle(entry)
    if (entry.library === 'partita') ours = zipped
    rows.push([entry.library, figure(minified), figure(zipped), onDemand ? figure(onDemand) : '', builtins.join(' ')])
  }
  printTable('Bundles in bytes, without the AWS SDK', [head, ...rows], true)
  const stages = await loadedChunks('partita', PROGRAM)
  const stageRows = stages.map(({ name, chunks, minified, zipped }) => [
    name,
    figure(chunks),
    figure(minified),
    figure(zipped),
  ])
  printTable(
    'Loaded by a program on partita with three models, in bytes, when it has',
    [['stage', 'chunks', 'minified', 'gzip'], ...stageRows],
    true,
  )
  printTable(
    'Bundle: budget',
    [['gzip', 'found', 'bar', ''], verdict('the definitions alone', ours, BAR), ...BARS.map(it => claim(it, stages))],
    true,
  )
}

const BARS: readonly (readonly [stage: string, bar: number])[] = [
  [ROWS, BAR],
  [FEATURES, BAR_OF_ALL],
]

function claim([stage, bar]: readonly [string, number], stages: readonly Stage[]): string[] {
  return verdict(stage, stages.find(({ name }) => name === stage)?.zipped ?? 0, bar)
}

function verdict(what: string, found: number, bar: number): string[] {
  return [what, figure(found), `<= ${figure(bar)}`, found <= bar ? 'met' : 'MISSED']
}

/** Sizes in bytes. Chunks that the library loads on demand are counted separately. */
interface Bundle {
  readonly minified: number
  readonly zipped: number
  readonly onDemand: number
  readonly builtins: readonly string[]
}

async function bundle({ text }: Entry): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: text, resolveDir: programFolder('bundle') },
    bundle: true,
    splitting: true,
    outdir: programFolder('bundle'),
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['@aws-sdk/*', 'node:*', ...builtinModules],
    plugins: [withoutStores],
    logLevel: 'error',
  })
  const chunks = new Map(outputFiles.map(({ path, contents }) => [relative(process.cwd(), path), contents]))
  const atOnce = startOf(metafile)
  const onDemand = [...chunks.keys()].filter(path => !atOnce.has(path))
  const sum = (paths: Iterable<string>, sizeOf: (bytes: Uint8Array) => number) =>
    [...paths].reduce((total, path) => total + sizeOf(chunks.get(path) ?? new Uint8Array()), 0)
  const imports = Object.values(metafile.outputs).flatMap(it => it.imports)
  const builtins = imports.map(({ path }) => path.replace('node:', '')).filter(path => builtinModules.includes(path))
  return {
    minified: sum(atOnce, bytes => bytes.length),
    zipped: sum(atOnce, zippedLength),
    onDemand: sum(onDemand, zippedLength),
    builtins: [...new Set(builtins)].sort(),
  }
}

/** The entry chunk and the chunks that it imports statically. */
export function startOf({ outputs }: Metafile): Set<string> {
  const start = new Set(Object.keys(outputs).filter(path => outputs[path]?.entryPoint === '<stdin>'))
  for (const path of start) {
    for (const { kind, path: chunk } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[chunk]) start.add(chunk)
    }
  }
  return start
}

/** The size of a chunk as a browser or a package receives it. */
export function zippedLength(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length
}

/** `connect` imports the engine of a store URL dynamically, so the engines are not part of the start. */
const withoutStores: Plugin = {
  name: 'without-stores',
  setup({ onResolve }) {
    onResolve({ filter: /(^partita|\.)\/(embedded|dynamodb)(\/index\.js)?$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}
