/** Cursors of reads in which permissions hide rows: they do not show the key of any row, and continue everywhere. */
import { connect, f, model } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const Letter = model('Letter', {
  fields: { id: f.string(), box: f.string(), ownerId: f.string() },
  key: 'id',
  indexes: { byBox: { on: 'gsi1', pk: 'BOX#{box}', sk: '{id}' } },
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ ownerId: String(actor) }),
      enforce: () => true,
    },
  },
})
const models = { Letter }
const ids = Array.from({ length: 30 }, (_, i) => `letter-${String(i).padStart(2, '0')}`)
/** The first ten and the last rows are of somebody else. */
const own = ids.slice(10, 15)

describeEachStore('Reads in which permissions hide rows', tested => {
  let table: string
  const open = (options: { cursorSecret?: string } = {}) =>
    connect({ models, store: tested.store, table, createTable: true, ...options })
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
    const system = db.scope({ system: 'test' })
    for (const id of ids) await system.Letter.create({ id, box: 'b', ownerId: own.includes(id) ? 'ann' : 'ben' })
  })

  const textOf = (cursor: string) => atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))

  it.each<[string, { cursorSecret?: string }]>([
    ['the table holds the secret', {}],
    ['the program has a secret', { cursorSecret: 'a secret of 32 bytes or more, kept' }],
  ])('the cursor of a page shows no key, and another program continues with it, if %s', async (_, options) => {
    const found: string[] = []
    let cursors = 0
    let cursor: string | undefined
    do {
      const { Letter } = (await open(options)).scope({ actor: 'ann' })
      const page = await Letter.query
        .byBox({ box: 'b' }, { limit: 2, pageSize: 4, maxRequests: 1, after: cursor })
        .page()
      found.push(...page.items.map(({ id }) => id))
      cursor = page.cursor
      if (cursor === undefined) break
      expect(cursor).toMatch(/^[\w-]+$/)
      expect(textOf(cursor)).not.toContain('letter')
      cursors++
    } while (cursor)
    expect(found).toEqual(own)
    expect(cursors).toBeGreaterThan(6)
  })

  it('the cursor of a batch shows no key, and another program continues with it', async () => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const { Letter } = (await open()).scope({ actor: 'ann' })
      cursor = await Letter.iterate({ batchSize: 1, after: cursor })
        .batches()
        [Symbol.asyncIterator]()
        .next()
        .then(({ value }) => {
          found.push(...(value?.items ?? []).map(({ id }: { id: string }) => id))
          return value?.cursor
        })
      if (cursor) expect(textOf(cursor)).not.toContain('letter')
    } while (cursor)
    expect(found.sort()).toEqual(own)
  })

  it('a cursor that was changed, or is of another query, secret or scope, is refused', async () => {
    const ann = db.scope({ actor: 'ann' })
    const page = (scope: typeof ann, after: string | undefined, box = 'b') =>
      scope.Letter.query.byBox({ box }, { limit: 1, after }).page()
    const { cursor = '' } = await page(ann, undefined)
    expect((await page(ann, cursor)).items.map(({ id }) => id)).toEqual([own[1]])
    const refused = { code: 'InvalidCursor' }
    for (let i = 0; i < cursor.length - 1; i += 5) {
      const changed = `${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`
      await expect(page(ann, changed)).rejects.toMatchObject(refused)
    }
    await expect(page(ann, cursor, 'other')).rejects.toMatchObject(refused)
    await expect(page((await open({ cursorSecret: 'another' })).scope({ actor: 'ann' }), cursor)).rejects.toMatchObject(
      refused,
    )
    const system = db.scope({ system: 'test' })
    await expect(page(system, cursor)).rejects.toMatchObject(refused)
    const { cursor: plain = '' } = await page(system, undefined)
    expect(textOf(plain)).toContain('letter')
    await expect(page(ann, plain)).rejects.toMatchObject(refused)
    for (const text of ['', 'A', 'A'.repeat(30), 'A'.repeat(70_000)])
      await expect(page(ann, text)).rejects.toMatchObject(refused)
  })

  it('all programs use one secret although several of them create it at once', async () => {
    table = tested.tableName()
    const programs = await Promise.all(Array.from({ length: 5 }, () => open()))
    const [first] = programs
    const system = first?.scope({ system: 'test' })
    for (const id of ids.slice(0, 3)) await system?.Letter.create({ id, box: 'b', ownerId: 'ann' })
    const pages = programs.map(program =>
      program.scope({ actor: 'ann' }).Letter.query.byBox({ box: 'b' }, { limit: 1 }).page(),
    )
    for (const { cursor } of await Promise.all(pages)) {
      for (const program of programs) {
        const { items } = await program
          .scope({ actor: 'ann' })
          .Letter.query.byBox({ box: 'b' }, { limit: 1, after: cursor })
          .page()
        expect(items.map(({ id }) => id)).toEqual([ids[1]])
      }
    }
  })
})
