/** What a program that is bundled pays for a library in bytes, and what one that is not pays at its start. */
import { builtinModules } from 'node:module'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { programFolder } from '../folder.js'
import { figure, printTable } from '../table.js'

const KILOBYTE = 1024
const BAR = 20 * KILOBYTE

interface Entry {
  readonly library: string
  readonly text: string
}

/** What a program with models needs of each. */
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
  const head = ['library', 'minified', 'gzip', "Node's modules in it"]
  const rows: string[][] = []
  let ours = 0
  for (const entry of ENTRIES) {
    const { minified, zipped, builtins } = await bundle(entry)
    if (entry.library === 'partita') ours = zipped
    rows.push([entry.library, figure(minified), figure(zipped), builtins.join(' ')])
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

interface Bundle {
  readonly minified: number
  readonly zipped: number
  readonly builtins: readonly string[]
}

async function bundle({ text }: Entry): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: text, resolveDir: programFolder('bundle') },
    bundle: true,
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
  const [output] = outputFiles
  if (!output) throw new Error('esbuild made nothing')
  const imports = Object.values(metafile.outputs).flatMap(it => it.imports)
  const builtins = imports.map(({ path }) => path.replace('node:', '')).filter(path => builtinModules.includes(path))
  return {
    minified: output.contents.length,
    zipped: gzipSync(output.contents, { level: 9 }).length,
    builtins: [...new Set(builtins)].sort(),
  }
}

/** `connect` opens a store by its URL with a dynamic import: the engines are no part of what a program begins with. */
const withoutStores: Plugin = {
  name: 'without-stores',
  setup({ onResolve }) {
    onResolve({ filter: /(^partita|\.)\/(embedded|dynamodb)(\/index\.js)?$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}
