/** The size of a library in a bundle. */
import { builtinModules } from 'node:module'
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile, type Plugin } from 'esbuild'
import { programFolder } from '../folder.js'
import { figure, printTable } from '../table.js'

const KILOBYTE = 1024
const BAR = 20 * KILOBYTE

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
  printTable(
    'Bundle: budget',
    [
      ['of partita', 'found', 'bar', ''],
      ['gzip', figure(ours), `<= ${figure(BAR)}`, ours <= BAR ? 'met' : 'MISSED'],
    ],
    true,
  )
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
function startOf({ outputs }: Metafile): Set<string> {
  const start = new Set(Object.keys(outputs).filter(path => outputs[path]?.entryPoint === '<stdin>'))
  for (const path of start) {
    for (const { kind, path: chunk } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[chunk]) start.add(chunk)
    }
  }
  return start
}

function zippedLength(bytes: Uint8Array): number {
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
