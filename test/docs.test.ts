/** The examples of the pages in docs/ run as they are written. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The definitions that the examples of a page assume: a store, models, rows. */
const GIVEN: { readonly [page: string]: string } = {
  'backup.md': `
    const store = embedded({ path: './data' })`,
  'evolution.md': `
    const User = model('User', { fields: { userId: f.string() }, key: 'userId' })
    process.env.PARTITA_STORE = 'memory:'
    const db = await connect({ models: { User } })`,
  'models.md': `
    const Repo = model('Repo', { fields: { id: f.string(), numbers: f.counter() }, key: 'id' })
    const Issue = model('Issue', {
      fields: { repo: f.ref('Repo'), number: f.integer(), title: f.string() },
      key: { pk: 'REPO#{repo}', sk: 'ISSUE#{number}' },
    })
    const User = model('User', { fields: { userId: f.string() }, key: 'userId' })
    const Post = model('Post', {
      fields: { postId: f.ulid().auto(), userId: f.ref('User'), title: f.string(), createdAt: f.createdAt() },
      key: 'postId',
      indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{userId}', sk: 'POST#{createdAt}' } },
      relations: { author: one('User', 'userId') },
    })
    const db = await connect({ models: { Repo, Issue, User, Post }, store: 'memory:' })
    const [id, title, userId, lastWeek] = ['r', 'Notes', 'u', new Date(0)]
    await db.Repo.create({ id })
    const error = await db.Repo.create({ id }).catch(error => error)
    const response = { status: () => ({ json: body => JSON.stringify(body) }) }`,
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
const WITHOUT_EXAMPLES = ['benchmarks.md', 'glossary.md', 'index.md', 'decisions/', 'reference/']

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md') && !name.includes('.vitepress') && !name.includes('node_modules'))
  .filter(name => !WITHOUT_EXAMPLES.some(without => name.startsWith(without)))
  .sort()

// Inside the repository, where the packages are found as an installed user would find them.
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache', 'docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writeProgram(page: string, example: string): string {
  const file = join(mkdtempSync(join(folder, 'example-')), 'program.mjs')
  writeFileSync(file, programOf(page, example))
  return file
}

it.each(pages)('the examples of docs/%s run', page => {
  const examples = examplesOf(page)
  expect(examples).not.toEqual([])
  // One process for a page: it loads the library once.
  const files = examples.map(example => writeProgram(page, example))
  const run = spawnSync(process.execPath, [join(root, 'test/run-blocks.mjs'), ...files], { encoding: 'utf8' })
  const outcomes = JSON.parse(run.stderr.slice(run.stderr.lastIndexOf('["'))) as string[]
  expect(outcomes.length).toBe(examples.length)
  for (const [i, outcome] of outcomes.entries()) expect(outcome, examples[i]).toBe('ok')
})
