/** The size of a program with three models on DynamoDB, bundled with all that it needs, the AWS SDK where a library uses it. */
import { builtinModules } from 'node:module'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { programFolder } from '../folder.js'
import { baoSource } from '../sources/bao.js'
import { electrodbSource } from '../sources/electrodb.js'
import { onetableSource } from '../sources/onetable.js'
import { partitaSource } from '../sources/partita.js'
import type { Source } from '../sources/source.js'
import { toolboxSource } from '../sources/toolbox.js'
import { figure, printTable } from '../table.js'

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

export async function measureWholeBundle(): Promise<void> {
  const sizes: { readonly library: string; readonly minified: number; readonly zipped: number }[] = []
  for (const { source, connects } of PROGRAMS) {
    const { code } = await transform(source.definitions(MODELS) + connects, { loader: 'ts' })
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: programFolder('whole-bundle') },
      bundle: true,
      format: 'esm',
      minify: true,
      write: false,
      platform: 'node',
      mainFields: ['module', 'main'],
      // A program on DynamoDB never loads the embedded engine, which `connect` imports on demand.
      external: [...builtinModules, 'node:*', 'partita/embedded'],
      logLevel: 'error',
    })
    const [file] = outputFiles
    if (!file) throw new Error('esbuild wrote no file')
    const zipped = gzipSync(file.contents, { level: 9 }).length
    sizes.push({ library: source.library, minified: file.contents.length, zipped })
  }
  const [ours, ...peers] = sizes
  const smallest = Math.min(...peers.map(({ zipped }) => zipped))
  const rows = sizes.map(({ library, minified, zipped }) => {
    const ratio = zipped / smallest
    const bar =
      zipped === ours?.zipped ? [`${figure(ratio)} x`, `<= ${BAR}`, ratio <= BAR ? 'met' : 'MISSED'] : ['', '', '']
    return [library, figure(minified), figure(zipped), ...bar]
  })
  const head = ['library', 'minified', 'gzip', 'to the smallest peer', 'bar', '']
  printTable('A program with three models on DynamoDB, bundled with all that it needs, in bytes', [head, ...rows], true)
}
