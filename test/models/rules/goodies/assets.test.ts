/** Sizes of assets. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, model, PartitaError } from 'partita'
import { memoryAssets } from 'partita/assets'
import { expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { describeEachEngine } from '../engines.js'
import { codeOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const MB = 1_000_000
/** The example: a general maximum, and one of images. */
const File = model('File', {
  fields: {
    id: f.string(),
    file: f.asset({ max: 5 * MB, types: { image: { max: 2 * MB }, '*': {} } }).optional(),
    plain: f.asset().optional(),
    small: f
      .asset({
        min: 2,
        max: 100,
        types: { 'image/png': { max: 5 }, 'image/*': { min: 3, max: 10 }, image: { max: 20 }, '*': {} },
      })
      .optional(),
    empty: f.asset({ min: 0, max: 0 }).optional(),
  },
  key: 'id',
})

describeEachEngine('The sizes of assets', tested => {
  const open = (
    models: { readonly File: typeof File } = { File },
    table = tested.tableName(),
    assets = memoryAssets(),
  ) => connect({ models, store: tested.store, table, createTable: true, assets })

  holds([76], 'a row keeps its assets when limits change, and new uploads have the new limits', async () => {
    const [table, assets] = [tested.tableName(), memoryAssets()]
    const before = await open({ File }, table, assets)
    const small = await before.assets.upload('File.small', new Uint8Array(100), { type: 'text/plain' })
    await before.File.create({ id: '1', small })
    const Stricter = model('File', {
      fields: { ...File.definition.fields, small: f.asset({ max: 10 }).optional() },
      key: 'id',
    }) as unknown as typeof File
    const after = await open({ File: Stricter }, table, assets)
    expect((await after.File.update({ id: '1' }, { small }))?.small?.size).toBe(100)
    expect(await codeOf(after.assets.upload('File.small', new Uint8Array(100), { type: 'text/plain' }))).toBe(
      'ValidationFailed',
    )
    expect(await codeOf(after.File.create({ id: '2', small }))).toBe('RuleViolated')
    await before.close()
    await after.close()
  })
})

const open = () => connect({ models: { File }, store: 'memory:', assets: memoryAssets() })
/** Whether an upload of this many bytes is stored. */
async function takes(field: 'file' | 'plain' | 'small' | 'empty', type: string, size: number): Promise<boolean> {
  await using db = await open()
  return (await codeOf(db.assets.upload(`File.${field}`, new Uint8Array(size), { type }))) === 'done'
}

holds(
  [77],
  'the least and the greatest size are those of the type, else of the field, else 1 byte and 10 MiB',
  async () => {
    expect([await takes('file', 'image/png', 2 * MB), await takes('file', 'image/png', 2 * MB + 1)]).toEqual([
      true,
      false,
    ])
    expect([
      await takes('file', 'application/pdf', 5 * MB),
      await takes('file', 'application/pdf', 5 * MB + 1),
    ]).toEqual([true, false])
    expect(await takes('file', 'image/png', 0)).toBe(false)
    const max = 10 * 1024 * 1024
    expect([await takes('plain', 'a/b', 1), await takes('plain', 'a/b', max)]).toEqual([true, true])
    expect([await takes('plain', 'a/b', 0), await takes('plain', 'a/b', max + 1)]).toEqual([false, false])
    // Independently of each other: the least size of the wildcard, the greatest of the exact type.
    expect([await takes('small', 'image/png', 3), await takes('small', 'image/png', 2)]).toEqual([true, false])
  },
)

holds([78], 'sizes are inclusive numbers of bytes, and 0 is a size', async () => {
  expect([await takes('small', 'text/plain', 2), await takes('small', 'text/plain', 100)]).toEqual([true, true])
  expect([await takes('small', 'text/plain', 1), await takes('small', 'text/plain', 101)]).toEqual([false, false])
  expect([await takes('empty', 'a/b', 0), await takes('empty', 'a/b', 1)]).toEqual([true, false])
})

holds([79], 'an exact type precedes a wildcard, which precedes a group of types', async () => {
  expect([await takes('small', 'image/png', 5), await takes('small', 'image/png', 6)]).toEqual([true, false])
  expect([await takes('small', 'image/gif', 10), await takes('small', 'image/gif', 11)]).toEqual([true, false])
})

holds([80], 'sizes that contradict each other are found when the field is defined, for every type', () => {
  expect(() => f.asset({ min: 20, max: 10 })).toThrow(/min is 20 and max is 10/)
  expect(() => f.asset({ min: 20, types: { image: { max: 10 } } })).toThrow(/min is 20 and max is 10/)
  expect(() => f.asset({ max: 10, types: { image: { min: 11 }, '*': {} } })).toThrow(/min is 11 and max is 10/)
})

holds(
  [81],
  'bytes are counted while they stream: an upload ends at the first byte too many, or at a short end',
  async () => {
    await using db = await open()
    let given = 0
    const endless = async function* () {
      for (;;) {
        given += 30
        yield new Uint8Array(30)
      }
    }
    const error = await db.assets.upload('File.small', endless(), { type: 'text/plain' }).catch(error => error)
    expect(PartitaError.is(error, 'ValidationFailed')).toBe(true)
    expect(given).toBe(120)
    expect(await takes('small', 'text/plain', 1)).toBe(false)
  },
)

allAccountedFor()
