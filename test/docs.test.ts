/** The examples of the pages in docs/ run as they are written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { programFolder, runPrograms } from './programs.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The definitions that the examples of a page assume: a store, models, rows. */
const GIVEN: { readonly [page: string]: string } = {
  'backup.md': `
    const store = embedded({ path: './data' })`,
  'evolution.md': `
    const User = model('User', { fields: { userId: f.string() }, key: 'userId' })
    process.env.PARTITA_STORE = 'memory:'
    const db = await connect({ models: { User } })`,
  'network.md': `
    const User = model('User', { fields: { userId: f.string(), credits: f.integer().default(0) }, key: 'userId' })
    const Order = model('Order', { fields: { orderId: f.string() }, key: 'orderId' })
    const db = await connect({ models: { User, Order }, store: 'memory:' })
    const [userId, orderId] = ['u', 'o']
    const user = await db.User.create({ userId })
    const table = new SingleTable({ store: memory(), table: 'things', partitionKey: 'pk', rangeKey: 'sk' })
    const key = { partitionKey: ['a'], rangeKey: 'b' }
    await table.create({ key, item: { n: 1 } })
    const atomicOperations = [{ operation: 'add', property: 'n', value: 1 }]`,
}

const IMPORTS = `
  import { add, connect, f, model, one } from 'partita'
  import { embedded, memory } from 'partita/embedded'
  import { SingleTable } from 'partita/table'
`

/** Each example is a separate program. One without imports gets the imports and definitions that its page assumes. */
function programOf(page: string, example: string): string {
  // The port may be in use on this machine.
  if (example.includes('import ')) return example.replace('port: 8000', 'port: 0')
  return `${IMPORTS}${GIVEN[page] ?? ''}\n{\n${example}}`
}

function examplesOf(page: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/```(?:js|ts)\n(.*?)```/gs)].map(([, example]) => example as string)
}

/** Pages that need no example. */
const WITHOUT_EXAMPLES = [
  'benchmarks.md',
  'command-reference.md',
  'glossary.md',
  'index.md',
  'decisions/',
  'reference/',
]

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md') && !name.includes('.vitepress') && !name.includes('node_modules'))
  .filter(name => !WITHOUT_EXAMPLES.some(without => name.startsWith(without)))
  .sort()

const folder = programFolder('docs')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writeProgram(page: string, example: string): string {
  const file = join(mkdtempSync(join(folder, 'example-')), 'program.mjs')
  writeFileSync(file, programOf(page, example))
  return file
}

/** The outcomes of all examples, which one process runs, by their pages. */
const outcomesOf = new Map<string, string[]>()
beforeAll(() => {
  const outcomes = runPrograms(pages.flatMap(page => examplesOf(page).map(example => writeProgram(page, example))))
  for (const page of pages) outcomesOf.set(page, outcomes.splice(0, examplesOf(page).length))
})

it.each(pages)('the examples of docs/%s run', page => {
  const examples = examplesOf(page)
  expect(examples).not.toEqual([])
  const outcomes = outcomesOf.get(page) ?? []
  expect(outcomes.length).toBe(examples.length)
  for (const [i, outcome] of outcomes.entries()) expect(outcome, examples[i]).toBe('ok')
})
