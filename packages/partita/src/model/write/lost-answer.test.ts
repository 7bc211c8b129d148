/** Writes with unknown outcomes, on a store that decides when each request arrives. */
import { describe, expect, it } from 'vitest'
import { memory } from '../../embedded/index.js'
import { OutcomeUnknownError, ThrottledError } from '../../errors/errors.js'
import { add, connect, f, model } from '../../index.js'
import type { Store, WriteRequest, WriteResult } from '../../store/store.js'

const Doc = model('Doc', {
  fields: { id: f.string(), t: f.integer().default(0), n: f.counter(), version: f.version() },
  key: 'id',
})
const Plain = model('Plain', { fields: { id: f.string(), t: f.integer().default(0), n: f.counter() }, key: 'id' })

type Write = (request: WriteRequest) => Promise<WriteResult>
/** What happens to one write. */
type Step = (request: WriteRequest, write: Write) => Promise<WriteResult>

const unknown = () => new OutcomeUnknownError('The answer was lost', { operation: 'write' })
const dropped: Step = () => Promise.reject(unknown())
const done: Step = async (request, write) => {
  await write(request)
  throw unknown()
}
const throttled: Step = () =>
  Promise.reject(new ThrottledError('Refused for load', { done: 0, undone: 1, undoneKeys: [] }))

/** A program whose writes meet the given steps in turn, and another program without failures. */
async function open() {
  const engine = memory()
  const steps: Step[] = []
  let sent = 0
  const write: Write = request => engine.write(request)
  const store = new Proxy(engine, {
    get(target, name) {
      if (name === 'write') {
        return (request: WriteRequest) => {
          const step = steps.shift()
          if (step) sent++
          return step ? step(request, write) : write(request)
        }
      }
      const it = Reflect.get(target, name)
      return typeof it === 'function' ? it.bind(target) : it
    },
  }) as Store
  const models = { Doc, Plain }
  const other = await connect({ models, store: engine, table: 'rows', createTable: true })
  const db = await connect({ models, store, table: 'rows' })
  return { db, other, steps, sent: () => sent, write }
}

describe('a write that never arrived', () => {
  it('a save is retried while the row is still the one that was read, if the row has a version or the save is ifUnchanged', async () => {
    const { db, steps } = await open()
    const doc = await db.Doc.create({ id: 'a' })
    const plain = await db.Plain.create({ id: 'a' })
    steps.push(dropped, dropped)
    doc.t = 1
    await doc.save()
    steps.push(dropped)
    await doc.update({ t: add(1) })
    steps.push(dropped)
    plain.n += 1
    await plain.save({ ifUnchanged: true })
    expect(await db.Doc.get({ id: 'a' }, { consistent: true })).toMatchObject({ t: 2, version: doc.version })
    expect(await db.Plain.get({ id: 'a' }, { consistent: true })).toMatchObject({ n: 1 })
  })

  it('the outcome is unknown if nothing ensures that only one of two attempts is applied', async () => {
    const { db, steps } = await open()
    const [doc, plain] = [await db.Doc.create({ id: 'a' }), await db.Plain.create({ id: 'a' })]
    for (const save of [
      () => Object.assign(doc, { n: 5 }).save(),
      () => Object.assign(plain, { t: 1 }).save(),
      () => db.Doc.update({ id: 'a' }, { n: add(1) }),
      () => db.Plain.delete({ id: 'a' }),
      () => doc.delete(),
    ]) {
      steps.push(dropped)
      await expect(save()).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    }
  })

  it('the write fails with its condition if the row is unchanged and does not meet it', async () => {
    const { db, steps } = await open()
    const doc = await db.Doc.create({ id: 'a' })
    steps.push(dropped)
    await expect(doc.update({ t: 1 }, { if: { t: 7 } })).rejects.toMatchObject({ code: 'ConditionFailed' })
  })

  it.each<[string, Step]>([
    ['throttled', throttled],
    ['lost as well', dropped],
  ])('the outcome is unknown if the retry is %s', async (_, second) => {
    const { db, steps } = await open()
    const doc = await db.Doc.create({ id: 'a' })
    for (const write of [() => Object.assign(doc, { t: 1 }).save(), () => db.Doc.put({ id: 'a', t: 2 })]) {
      steps.length = 0
      steps.push(dropped, second, second, second, second)
      await expect(write()).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    }
  })
})

describe('a write that arrives after its retry was sent', () => {
  /** The first attempt is lost and arrives together with the second. Another program writes between the two. */
  function late({ steps }: Awaited<ReturnType<typeof open>>, between: () => Promise<unknown>): void {
    let first: WriteRequest | undefined
    steps.push(
      async request => {
        first = request
        throw unknown()
      },
      async (request, write) => {
        await write(first as WriteRequest)
        await between()
        return write(request)
      },
    )
  }

  it('the write is applied once and reported as done if nothing else wrote the row', async () => {
    const program = await open()
    const { db } = program
    const doc = await db.Doc.create({ id: 'a' })
    late(program, async () => {})
    await Object.assign(doc, { t: 1 }).save()
    late(program, async () => {})
    await db.Doc.put({ id: 'a', t: 2 })
    expect(await db.Doc.get({ id: 'a' }, { consistent: true })).toMatchObject({ t: 2, version: doc.version + 1 })
  })

  it('the outcome is unknown if another program wrote the row, and its write is not overwritten', async () => {
    const program = await open()
    const { db, other } = program
    const doc = await db.Doc.create({ id: 'a' })
    for (const write of [() => db.Doc.put({ id: 'a', t: 1 }), async () => (await doc.reload()).update({ t: add(1) })]) {
      late(program, () => other.Doc.update({ id: 'a' }, { t: add(10) }))
      const before = await db.Doc.get({ id: 'a' }, { consistent: true })
      await expect(write()).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      const after = await db.Doc.get({ id: 'a' }, { consistent: true })
      expect(after?.version).toBe(Number(before?.version) + 2)
    }
    expect(await db.Doc.get({ id: 'a' }, { consistent: true })).toMatchObject({ t: 22 })
  })
})

describe('a delete of a record whose answer was lost', () => {
  it('the delete is done if the row is gone', async () => {
    const { db, steps } = await open()
    const doc = await db.Doc.create({ id: 'a' })
    steps.push(done)
    await doc.delete()
    expect(await db.Doc.get({ id: 'a' })).toBeUndefined()
  })

  it('the outcome is unknown if the delete has a condition or the row exists', async () => {
    const { db, other, steps } = await open()
    const doc = await db.Doc.create({ id: 'a' })
    steps.push(done)
    await expect(doc.delete({ if: { t: 0 } })).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    const again = await db.Doc.create({ id: 'a' })
    steps.push(async (request, write) => {
      await write(request)
      await other.Doc.create({ id: 'a', t: 7 })
      throw unknown()
    })
    await expect(again.delete()).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    expect(await db.Doc.get({ id: 'a' })).toMatchObject({ t: 7 })
  })
})
