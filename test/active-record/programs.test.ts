/** Problems of DynamoBao with scale, definitions, generated code and configuration, which active records do not have. */
import { readFileSync } from 'node:fs'
import { f, model, ValidationError } from 'partita'
import * as runtime from 'partita/active-record'
import { activeRecord, initModels, registerModel, runWithBatchContext } from 'partita/active-record'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { knownProblems } from '../known-problems/known-problems.js'
import { type WatchedStore, watch } from '../models/watched-store.js'
import { type ActiveRecordProject, makeProject } from './project.js'

const { absent, allAccountedFor } = knownProblems('dynamo-bao-records', import.meta.url)
const COUNT = 60

describe('iteration', () => {
  let defaults = 0
  const fields = { id: f.string(), n: f.integer(), stamp: f.string().default(() => `stamp ${++defaults}`) }
  const rows = (buckets: number) => {
    const models = { Row: model('Row', { fields, key: { pk: 'row#{id}' }, iterable: { buckets } }) }
    return { Row: registerModel(class extends activeRecord(models, 'Row') {}), models }
  }
  const { Row, models } = rows(10)
  let seen: WatchedStore
  let manager: ReturnType<typeof initModels>

  beforeAll(async () => {
    seen = watch(memory())
    manager = initModels({ store: seen.store, table: 'rows', models: { Row } })
    await Promise.all(Array.from({ length: COUNT }, (_, n) => Row.create({ id: `r${n}`, n })))
  })
  afterAll(async () => {
    await manager.close()
    await seen.store.close()
  })

  const walk = async (options: object, from = Row) => {
    const found: number[] = []
    for await (const batch of from.iterateAll(options)) found.push(...batch.map(({ n }) => n))
    return found.sort((a, b) => a - b)
  }
  const all = Array.from({ length: COUNT }, (_, n) => n)

  absent([46], 'an iteration holds one batch in memory and counts what it reads, also in a batch context', async () => {
    seen.calls = []
    for await (const batch of Row.iterateAll({ batchSize: 2 })) {
      expect(batch.length).toBeLessThanOrEqual(2)
      break
    }
    expect(seen.calls.flatMap(it => (it.operation === 'batchGet' ? it.request.gets : [])).length).toBeLessThanOrEqual(2)
    await runWithBatchContext(async () => {
      expect(await walk({ batchSize: 7, filter: { n: { $lt: 5 } } })).toEqual([0, 1, 2, 3, 4])
      expect(runtime.getBatchContextCapacity().read).toBeGreaterThan(COUNT / 2)
      // The rows of an iteration are not kept.
      seen.calls = []
      await Row.find('r1')
      expect(seen.calls).toHaveLength(1)
    })
  })

  absent([47], 'all rows are visited after the number of buckets has changed', async () => {
    await manager.close()
    for (const buckets of [1, 25, 3]) {
      const { Row: Changed } = rows(buckets)
      const changed = initModels({ store: seen.store, table: 'rows', models: { Row: Changed } })
      expect(await walk({}, Changed as never), String(buckets)).toEqual(all)
      await changed.close()
    }
    manager = initModels({ store: seen.store, table: 'rows', models: { Row } })
  })

  absent([48], 'the cursor of a page does not grow with the page', async () => {
    const lengths = await Promise.all(
      [2, 50].map(async limit => {
        const models = { Line: model('Line', { fields: { n: f.integer() }, key: { pk: 'line', sk: '{n}' } }) }
        const Line = activeRecord(models, 'Line')
        const own = initModels({ store: 'memory:', models: { Line } })
        for (let n = 0; n < COUNT; n++) await Line.create({ n })
        const { lastEvaluatedKey = '' } = await Line.queryByPrimaryKey(undefined, null, { limit })
        await own.close()
        return lastEvaluatedKey.length
      }),
    )
    expect(lengths.every(length => length > 0 && length < 400)).toBe(true)
  })

  absent([49], 'a read makes no ids, dates or defaults that it throws away', async () => {
    const before = defaults
    const random = vi.spyOn(globalThis.crypto, 'getRandomValues')
    try {
      expect((await Row.find('r1')).exists()).toBe(true)
      expect(random).not.toHaveBeenCalled()
    } finally {
      random.mockRestore()
    }
    expect(defaults).toBe(before)
  })

  absent([52], 'rows are written in batches and transactions, and iterated over in parallel', async () => {
    expect(await walk({ parallel: 4, batchSize: 5 })).toEqual(all)
    const db = await manager.database<typeof models>()
    await db.batch(batch => {
      for (let n = 0; n < 30; n++) batch.Row.put({ id: `b${n}`, n: 1000, stamp: 's' })
    })
    await db.transaction(async tx => {
      for (let n = 0; n < 30; n++) await tx.Row.delete({ id: `b${n}` })
    })
    expect(await walk({})).toEqual(all)
  })
})

describe('definitions and configuration', () => {
  const Thing = (more: object = {}) => {
    const models = { Thing: model('Thing', { fields: { id: f.string() }, key: 'id', ...more }) }
    return registerModel(activeRecord(models, 'Thing'))
  }

  absent([56], 'mistakes are thrown at once, and a second configuration is refused', async () => {
    const models = {
      One: model('One', { fields: { id: f.ref('Missing') }, key: 'id' }),
    }
    expect(() => initModels({ store: 'memory:', models: { One: activeRecord(models, 'One') } })).toThrow(
      ValidationError,
    )
    expect(() => activeRecord(models, 'Two' as never)).toThrow(/it has One/)
    const named = { Odd: model('Odd', { fields: { id: f.string(), exists: f.string() }, key: 'id' }) }
    expect(() => activeRecord(named, 'Odd')).toThrow(/method of records/)

    const made = Thing()
    await expect(made.find('x')).rejects.toThrow(/call initModels/)
    const manager = initModels({ store: 'memory:', models: { Thing: made } })
    expect(initModels({ store: 'memory:', models: { Thing: made } }).getModel('Thing')).toBe(made)
    expect(() => initModels({ store: 'memory:', table: 'other', models: { Thing: made } })).toThrow(/already connected/)
    await manager.close()
    const other = initModels({ store: 'memory:', table: 'other', models: { Thing: made } })
    expect(other.tableName).toBe('other')
    await other.close()
    const broken = initModels({ store: 'embedded:/dev/null/store', models: { Thing: made } })
    await expect(made.find('x')).rejects.toMatchObject({ code: 'StoreUnusable' })
    await expect(broken.ready).rejects.toMatchObject({ code: 'StoreUnusable' })
    await broken.close()
    for (const wrong of [{ table: '' }, { db: 'x' }, { tenantId: '' }, { tenancy: { enabled: 'yes' } }]) {
      expect(() => initModels({ models: { Thing: made }, store: 'memory:', ...wrong } as object)).toThrow(
        ValidationError,
      )
    }
  })

  absent([57], 'the endpoint, the region and the credentials of DynamoDB can be configured', async () => {
    const engine = memory()
    const server = createServer(engine, { port: 0, region: 'eu-west-1', keys: { right: 'secret' } })
    const endpoint = await server.listen()
    const made = Thing()
    const config = (accessKeyId: string) => ({
      aws: { region: 'eu-west-1', endpoint, credentials: { accessKeyId, secretAccessKey: 'secret' } },
      db: { tableName: 'things' },
      createTable: true,
      models: { Thing: made },
    })
    const manager = initModels(config('right'))
    await made.create({ id: 'x' })
    expect((await made.find('x')).exists()).toBe(true)
    await manager.close()
    const refused = initModels(config('wrong'))
    await expect(made.find('x')).rejects.toMatchObject({ code: 'Unavailable' })
    await refused.close()
    await server.close()
    await engine.close()
  })

  absent([61], 'nothing is printed, and the stated Node version is the one that the library is tested on', async () => {
    const methods = ['log', 'info', 'warn', 'error', 'debug'] as const
    const spies = methods.map(method => vi.spyOn(console, method))
    const made = Thing()
    const manager = initModels({ store: 'memory:', models: { Thing: made } })
    await made.create({ id: 'x' })
    await made.create({ id: 'x' }).catch(() => {})
    await made.find('y')
    await manager.close()
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
    const { engines } = JSON.parse(
      readFileSync(new URL('../../packages/partita/package.json', import.meta.url), 'utf8'),
    )
    expect(engines.node).toBe('>=20.19')
  })
})

/** Models whose relations DynamoBao's generator gets wrong. */
const RELATED = `
models:
  Person:
    modelPrefix: pe
    fields:
      personId: { type: StringField, required: true }
      name: { type: StringField, required: true }
      managerId: { type: RelatedField, model: Person }
    primaryKey: { partitionKey: personId }
    indexes:
      reportsForManager: { partitionKey: managerId, sortKey: personId, indexId: gsi1 }
      allByName: { partitionKey: modelPrefix, sortKey: name, indexId: gsi2 }
      byName: { partitionKey: name, sortKey: personId, indexId: gsi3 }
  Doc:
    modelPrefix: d
    fields:
      docId: { type: StringField, required: true }
      authorId: { type: RelatedField, model: Person, required: true }
      editorId: { type: RelatedField, model: Person }
    primaryKey: { partitionKey: docId }
    indexes:
      docsForAuthor: { partitionKey: authorId, sortKey: docId, indexId: 1 }
      docsForEditor: { partitionKey: editorId, sortKey: docId, indexId: gsi2 }
  Comment:
    modelPrefix: c
    fields:
      docId: { type: RelatedField, model: Doc, required: true }
      commentId: { type: StringField, required: true }
    primaryKey: { partitionKey: docId, sortKey: commentId }
  Follow:
    modelPrefix: f
    tableType: mapping
    fields:
      followerId: { type: RelatedField, model: Person, required: true }
      followedId: { type: RelatedField, model: Person, required: true }
    primaryKey: { partitionKey: followerId, sortKey: followedId }
    indexes:
      followedForPerson: primaryKey
      followersForPerson: { partitionKey: followedId, sortKey: followerId, indexId: gsi1 }
`
const RELATED_PROGRAM = `
const manager = initModels({ store: 'memory:' })
const name = '"); process.exit(1); ("\\u2028'
for (const [personId, managerId] of [['ada'], ['eve', 'ada'], ['bob', 'ada']]) await Person.create({ personId, managerId, name: name + personId })
const ada = await Person.find('ada')
const eve = await Person.find('eve')
const ids = (field, { items }) => items.map(item => item[field]).join()
console.log(ids('personId', await ada.queryReports()), (await eve.getManager()).personId, await ada.getManager())
await Doc.create({ docId: 'd1', authorId: ada, editorId: eve })
console.log(ids('docId', await ada.queryDocsForAuthor()), ids('docId', await eve.queryDocsForEditor()))
const doc = await Doc.find('d1')
console.log((await doc.getAuthor()).personId, (await doc.getEditor()).personId)
await Comment.create({ docId: doc, commentId: 'c1' })
console.log(ids('commentId', await doc.queryComments()), ids('commentId', await doc.queryComments({ commentId: { $beginsWith: 'x' } })))
for (const followedId of ['bob', 'eve']) await Follow.create({ followerId: 'ada', followedId })
console.log(ids('personId', await ada.getFollowed()), ids('personId', await ada.getFollowed(null, 1, 'DESC')), ids('personId', await eve.getFollowers()))
console.log(ids('followedId', await ada.queryFollowed({ followedId: 'eve' })))
console.log((await Person.queryAllByName()).count, (await Person.queryByName(name + 'eve')).items[0].name === name + 'eve')
await manager.close()
`
const RELATED_OUTPUT = `bob,eve ada null
d1 d1
ada eve
c1${' '}
bob,eve eve ada
eve
3 true
`

describe.each(['commonjs', 'esm'] as const)('generated code as %s', kind => {
  const names = ['Person', 'Doc', 'Comment', 'Follow']
  let project: ActiveRecordProject
  beforeAll(() => {
    project = makeProject(kind)
  })
  afterAll(() => project.remove())

  const imports = (order: readonly string[]) =>
    kind === 'esm'
      ? `import { initModels } from 'partita/active-record'\n${order.map(name => `import { ${name} } from './models/${name.toLowerCase()}.js'`).join('\n')}\n${RELATED_PROGRAM}`
      : `const { initModels } = require('partita/active-record')\n${order.map(name => `const { ${name} } = require('./models/${name.toLowerCase()}')`).join('\n')}\nvoid (async () => {${RELATED_PROGRAM}})()`

  absent(
    [58],
    'relations to itself, mutual ones, several to one model and mappings work, in any order of loading',
    async () => {
      await project.generate(RELATED)
      for (const order of [names, [...names].reverse()]) {
        project.write('program.js', imports(order))
        expect(await project.node('program.js', {})).toBe(RELATED_OUTPUT)
      }
    },
  )

  absent([59], 'the runtime and the generated code load in both module systems, with all their names', async () => {
    const wanted = Object.keys(runtime).sort().join()
    const load =
      kind === 'esm'
        ? "import * as runtime from 'partita/active-record'\nimport { runWithBatchContext } from 'partita/active-record'"
        : "const runtime = require('partita/active-record')\nconst { runWithBatchContext } = runtime"
    project.write(
      'names.js',
      `${load}\nconst names = Object.keys(runtime).filter(name => name !== '__esModule' && name !== 'module.exports')\nconsole.log(names.sort().join(), runWithBatchContext(() => 1))\n`,
    )
    expect(await project.node('names.js', {})).toBe(`${wanted} 1\n`)
  })
})

it('a field that is named like a method of records is shown in its file', async () => {
  const project = makeProject('esm')
  const yaml = 'models:\n  Odd:\n    fields:\n      id: string\n      save: string\n    key: id\n'
  await expect(project.generate(yaml)).rejects.toMatchObject({ code: 'BadModels' })
  project.remove()
})

allAccountedFor()
