/** The size of a program with three models on DynamoDB, bundled with all that it needs, the AWS SDK where a library uses it. */
import { builtinModules } from 'node:module'
import { relative } from 'node:path'
import { build, transform } from 'esbuild'
import { programFolder } from '../folder.js'
import { baoSource } from '../sources/bao.js'
import { electrodbSource } from '../sources/electrodb.js'
import { onetableSource } from '../sources/onetable.js'
import { partitaSource } from '../sources/partita.js'
import type { Source } from '../sources/source.js'
import { toolboxSource } from '../sources/toolbox.js'
import { figure, printTable } from '../table.js'
import { startOf, zippedLength } from './bundle.js'

const MODELS = 3
const BAR = 0.5

/** What a program adds to its models to reach DynamoDB. */
const PROGRAMS: readonly { readonly source: Source; readonly connects: string }[] = [
  {
    source: partitaSource,
    connects: `
import { dynamodb } from 'partita/dynamodb'
export const db = await connect({ models: { M1, M2, M3 }, store: dynamodb() })`,
  },
  {
    source: electrodbSource,
    connects: `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
export const client = new DynamoDBClient({})
for (const entity of [M1, M2, M3]) entity.setClient(client)`,
  },
  {
    source: toolboxSource,
    connects: `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
table.documentClient = DynamoDBDocumentClient.from(new DynamoDBClient({}))
export const commands = [GetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand]`,
  },
  {
    source: onetableSource,
    connects: `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Dynamo } from 'dynamodb-onetable/Dynamo'
table.setClient(new Dynamo({ client: new DynamoDBClient({}) }))`,
  },
  // Its client is its own.
  { source: baoSource, connects: '' },
]

/** Sizes in bytes, gzip: of all chunks, and of those that are loaded before the first line of the program runs. */
interface Size {
  readonly library: string
  readonly all: number
  readonly atStart: number
}

export async function measureWholeBundle(): Promise<void> {
  const sizes: Size[] = []
  for (const program of PROGRAMS) sizes.push(await sizeOf(program))
  const [ours, ...peers] = sizes as [Size, ...Size[]]
  const ratio = ours.all / Math.min(...peers.map(({ all }) => all))
  const rows = sizes.map(it => {
    const bar = it === ours ? [`${figure(ratio)} x`, `<= ${BAR}`, ratio <= BAR ? 'met' : 'MISSED'] : ['', '', '']
    return [it.library, figure(it.atStart), figure(it.all), ...bar]
  })
  const head = ['library', 'at the start', 'with all on demand', 'to the smallest peer', 'bar', '']
  printTable('A program with three models on DynamoDB with all that it needs, bytes, gzip', [head, ...rows], true)
}

async function sizeOf({ source, connects }: (typeof PROGRAMS)[number]): Promise<Size> {
  const { code } = await transform(source.definitions(MODELS) + connects, { loader: 'ts' })
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: programFolder('whole-bundle') },
    bundle: true,
    splitting: true,
    outdir: programFolder('whole-bundle'),
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    // A program on DynamoDB never loads the embedded engine, which `connect` imports on demand.
    external: [...builtinModules, 'node:*', 'partita/embedded'],
    logLevel: 'error',
  })
  const start = startOf(metafile)
  const sum = (isCounted: (path: string) => boolean) =>
    outputFiles.reduce(
      (total, { path, contents }) =>
        isCounted(relative(process.cwd(), path)) ? total + zippedLength(contents) : total,
      0,
    )
  return { library: source.library, all: sum(() => true), atStart: sum(path => start.has(path)) }
}
