/** The CPU time of a process from its start to the answer to its first call to DynamoDB, as in a cold start on Lambda. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programFolder } from '../folder.js'
import { Figures } from '../measure.js'
import { figure, printTable } from '../table.js'

const EMPTY = 'an empty program'
const STORE = 'the store'
const MODEL = 'a model'
const SDK = 'the SDK'
const ROUNDS = 21
const BAR = 0.4

/** @param url a server with canned responses. */
export async function measureFirstCall(url: string): Promise<void> {
  const settings = `{ endpoint: '${url}', region: 'local', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } }`
  const programs = Object.entries({
    [EMPTY]: '',
    [STORE]: `
import { dynamodb } from 'partita/dynamodb'
const store = dynamodb(${settings})
const { item } = await store.get({ table: 'posts', key: { pk: 'a', sk: 'b' } })
if (!item) throw new Error('no item')
await store.close()`,
    [MODEL]: `
import { connect, f, model } from 'partita'
import { dynamodb } from 'partita/dynamodb'
const Post = model('Post', {
  fields: { authorId: f.string(), postId: f.string(), title: f.string() },
  key: { pk: 'AUTHOR#{authorId}', sk: 'POST#{postId}' },
})
const db = await connect({ models: { Post }, store: dynamodb(${settings}), table: 'posts' })
if (!(await db.Post.get({ authorId: 'a', postId: 'b' }))) throw new Error('no row')
await db.close()`,
    [SDK]: `
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
const client = new DynamoDBClient(${settings})
const { Item } = await client.send(new GetItemCommand({ TableName: 'posts', Key: { pk: { S: 'a' }, sk: { S: 'b' } } }))
if (!Item) throw new Error('no item')
client.destroy()`,
  }).map(([name, text]) => ({ name, path: write(name, text) }))
  const figures = new Figures()
  for (const { path } of programs) run(path)
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, path } of programs) figures.add(name, run(path))
  }
  const above = (name: string): number => figures.median(name) - figures.median(EMPTY)
  const rows = programs.map(({ name }) => {
    if (name === EMPTY || name === SDK) return [name, figure(figures.median(name)), figure(above(name)), '', '', '']
    const ratio = above(name) / above(SDK)
    const bar = [`${figure(ratio)} x`, `<= ${BAR}`, ratio <= BAR ? 'met' : 'MISSED']
    return [name, figure(figures.median(name)), figure(above(name)), ...bar]
  })
  const head = ['process', 'whole', 'above an empty one', 'to the SDK', 'bar', '']
  printTable('Import and first call: milliseconds of CPU, medians of interleaved processes', [head, ...rows], true)
}

function write(name: string, text: string): string {
  const path = join(programFolder('first-call'), `${name.replaceAll(' ', '-')}.mjs`)
  writeFileSync(
    path,
    `${text}\nconst { user, system } = process.cpuUsage()\nprocess.stdout.write(String(user + system))\n`,
  )
  return path
}

/** @returns milliseconds of CPU of the process, with its start. */
function run(path: string): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${path} failed: ${stderr}`)
  return Number(stdout) / 1000
}
