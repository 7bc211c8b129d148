import { connect } from 'partita'
import { expect, it } from 'vitest'
import { evaluateModels, type Surroundings } from './evaluate.js'
import { BadModels } from './problem.js'
import { modelsOf } from './read/read-models.js'

async function evaluate(text: string, around: Surroundings = {}) {
  const customTypes = new Set(around.customFields?.keys())
  return evaluateModels(modelsOf([{ path: 'models.yaml', text }], { customTypes }), around)
}

const EVERY_TYPE = `
models:
  Every:
    modelPrefix: e
    fields:
      id: { type: UlidField, autoAssign: true }
      string: { type: string, min: 1, maxLength: 80, pattern: '^\\p{L}', default: "Ünn" }
      email: { type: EmailField, default: "a@example.com" }
      url: { type: url, default: "https://example.com" }
      integer: { type: IntegerField, min: 0, max: 10, defaultValue: 0 }
      number: { type: FloatField, precision: 2, default: 1.239 }
      bigint: { type: bigint, max: 12345678901234567890123456789, default: 12345678901234567890 }
      decimal: { type: decimal, min: -1.5, default: 0.10 }
      boolean: { type: BooleanField, default: false }
      date: { type: DateTimeField, default: 2026-01-31T12:00:00Z }
      uuid: { type: uuid, auto: true }
      state: { type: enum, values: [draft, published], default: draft }
      counter: CounterField
      version: VersionField
      ttl: TtlField
      createdAt: CreateDateField
      updatedAt: ModifiedDateField
      bytes: BinaryField
      tags: { type: StringSetField, maxStringLength: 5, maxMemberCount: 3 }
      numbers: { type: set, of: integer, default: [1, 2] }
      list: { type: list, of: { type: map, fields: { at: date, n: number } }, default: [{ at: 2026-01-01, n: 1 }] }
      record: { type: record, of: integer, default: { a: 1 } }
      map: { type: map, fields: { city: string, zip: StringField }, default: { city: Ulm } }
      json: { type: json, default: { a: [1, null, { b: true }] } }
      attribute: { type: string, attribute: stored, readonly: true, default: x }
      picture: { type: asset, types: [image/png], max: 1000, required: false }
    primaryKey: { partitionKey: id }
`

it('a model with every type of fields is evaluated, and a create fills its defaults', async () => {
  const { models } = await evaluate(EVERY_TYPE)
  const db = await connect({ models, store: 'memory:' })
  const row = await (
    db as unknown as { Every: { create(input: object): Promise<{ readonly decimal: unknown }> } }
  ).Every.create({})
  expect(row).toMatchObject({
    string: 'Ünn',
    integer: 0,
    number: 1.24,
    bigint: 12345678901234567890n,
    boolean: false,
    date: new Date('2026-01-31T12:00:00Z'),
    state: 'draft',
    counter: 0,
    version: 1,
    numbers: new Set([1, 2]),
    list: [{ at: new Date('2026-01-01'), n: 1 }],
    record: { a: 1 },
    map: { city: 'Ulm' },
    json: { a: [1, null, { b: true }] },
    attribute: 'x',
  })
  expect(String(row.decimal)).toBe('0.1')
  await db.close()
})

it('what the library rejects is shown at the line of the field, the key or the relation', async () => {
  const text = `models:
  A:
    fields:
      id: string
      save: string
      n: { type: integer, max: 5, default: 9 }
      other: { type: ref, model: B }
    key: { pk: 'X#{id}' }
    indexes:
      byN: { on: gsi1, pk: 'T#{n}' }
  B:
    fields: { id: string }
    key: { pk: 'X#{id}' }
`
  const error = await evaluate(text).catch(it => it)
  expect(error).toBeInstanceOf(BadModels)
  const lines = (error.details.problems as { line: number }[]).map(({ line }) => line)
  expect(lines).toEqual([5, 5, 6, 10])
  const colliding = text.replace('      save: string\n', '').replace('default: 9', 'default: 5').replace("'T#", "'N#")
  const { details } = await evaluate(
    colliding.replace("{ id: string }\n    key: { pk: 'X#{id}' }", "{ id: string }\n    key: { pk: 'X#{id}', sk: A }"),
  ).catch(it => it)
  expect(details.problems).toMatchObject([{ line: 12, message: expect.stringContaining('could equal a key of A') }])
})

it('a custom field is made by the function of the program from the options in the file', async () => {
  const { f } = await import('partita')
  const options: object[] = []
  const SlugField = (given: { readonly [option: string]: unknown }) => {
    options.push(given)
    return f.string().max(Number(given.maxLength))
  }
  const text = 'models:\n  A:\n    fields: { id: { type: SlugField, maxLength: 5, required: true } }\n    key: id\n'
  const { models } = await evaluate(text, { customFields: new Map([['SlugField', SlugField]]) })
  expect(options).toEqual([{ maxLength: 5, required: true }])
  const db = await connect({ models, store: 'memory:' })
  const { A } = db as unknown as { A: { create(input: object): Promise<object> } }
  await expect(A.create({ id: 'too long' })).rejects.toThrow('5')
  await db.close()
})

it('a custom field that throws, or makes no field, is a mistake at its line', async () => {
  const text = 'models:\n  A:\n    fields:\n      id: string\n      x: { type: SlugField }\n    key: id\n'
  const failing = () => {
    throw new Error('no such option')
  }
  const error = await evaluate(text, { customFields: new Map([['SlugField', failing]]) }).catch(it => it)
  expect(error.details.problems).toMatchObject([
    { line: 5, message: 'A.fields.x cannot be made by SlugField: no such option' },
  ])
  const none = await evaluate(text, { customFields: new Map([['SlugField', () => 5]]) }).catch(it => it)
  expect(none.details.problems).toMatchObject([{ line: 5 }])
})

it('models of several databases, rules and collections are checked together', async () => {
  const text = `models:
  Org:
    database: main
    fields: { orgId: string, name: string }
    key: { pk: 'ORG#{orgId}', sk: ORG }
    softDelete: { indexes: remove }
    rules: { permissions: http, locks: [name], audit: true }
  Member:
    database: main
    fields: { orgId: { type: ref, model: Org, onDelete: restrict }, userId: string, role: string }
    key: { pk: 'ORG#{orgId}', sk: 'MEMBER#{userId}' }
    rules: { permissions: { inherit: orgId }, limits: { role: 'Org(orgId)._id->name' } }
  Log:
    database: logs
    fields: { logId: string }
    key: logId
collections:
  OrgDetails: { pk: 'ORG#{orgId}', one: { org: Org }, many: { members: Member } }
tenancy: required
`
  const { models, collections } = await evaluate(text)
  expect(Object.keys(models)).toEqual(['Org', 'Member', 'Log'])
  expect(Object.keys(collections)).toEqual(['OrgDetails'])
  const wrong = await evaluate(text.replace('Org(orgId)._id->name', 'Org(orgId.name')).catch(it => it)
  expect(wrong.details.problems).toMatchObject([{ line: 12 }])
})

it('an index of some rows has a filter, and a mistake in it is shown at the index', async () => {
  const text = `models:
  Order:
    fields: { id: string, state: { type: enum, values: [open, done] }, due: date }
    key: id
    indexes:
      open: { on: gsi1, pk: OPEN, when: { $or: [{ state: open }, { due: { $lt: "2026-01-01" } }] } }
      dated: { partitionKey: modelPrefix, sortKey: due, indexId: gsi2, when: { state: done } }
`
  const { models } = await evaluate(text)
  expect(models.Order?.definition.indexes).toMatchObject({
    open: { on: 'gsi1', when: { $or: [{ state: 'open' }, { due: { $lt: '2026-01-01' } }] } },
    dated: { on: 'gsi2', when: { state: 'done' } },
  })
  const wrong = await evaluate(text.replace('state: done }', 'state: don }')).catch(it => it)
  expect(wrong.details.problems).toMatchObject([{ line: 7, message: expect.stringContaining('is "don", not one of') }])
})

it('a pattern with needless escapes means what it says, and one that is not valid is a mistake', async () => {
  const text = String.raw`models:
  A:
    fields: { id: { type: string, pattern: '^\@a\-[\-x\]]\\\_\p{Lu}$' } }
    key: id
`
  const { models } = await evaluate(text)
  expect(models.A?.definition.fields.id?.spec.pattern?.test('@a-]\\_Ä')).toBe(true)
  const wrong = await evaluate(text.replace(String.raw`\p{Lu}`, String.raw`\k<x>`)).catch(it => it)
  expect(wrong.details.problems).toMatchObject([{ line: 3, column: 44, message: expect.stringMatching(/^pattern /) }])
})
