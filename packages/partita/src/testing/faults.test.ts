import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedStore, memory } from '../embedded/index.js'
import { withFaults } from './faults.js'

const put = (id: string) => ({ kind: 'put', table: 'notes', item: { id } }) as const

describe('A store with faults', () => {
  let engine: EmbeddedStore
  beforeEach(async () => {
    engine = memory()
    await engine.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  })
  afterEach(() => engine.close())

  const outcomes = async (seed: number) => {
    const store = withFaults(engine, { seed, throttle: 0.3 })
    const codes: string[] = []
    for (let i = 0; i < 60; i++) {
      codes.push(
        await store.write(put(`${seed}-${i}`)).then(
          () => 'ok',
          error => error.code,
        ),
      )
    }
    return codes
  }

  it('the same requests fail with the same seed, and others with another seed', async () => {
    const [first, again, other] = [await outcomes(7), await outcomes(7), await outcomes(8)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(new Set(first)).toEqual(new Set(['ok', 'Throttled']))
  })

  it('the requests that fail are those that fail in the embedded engine with the same faults', async () => {
    const faulty = memory({ faults: { seed: 7, throttle: 0.3 } })
    await faulty.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
    const codes: string[] = []
    for (let i = 0; i < 60; i++) {
      codes.push(
        await faulty.write(put(`${i}`)).then(
          () => 'ok',
          error => error.code,
        ),
      )
    }
    await faulty.close()
    expect(await outcomes(7)).toEqual(codes)
  })

  it('a request that fails writes nothing', async () => {
    const codes = await outcomes(3)
    expect((await engine.scan({ table: 'notes' })).count).toBe(codes.filter(code => code === 'ok').length)
  })

  it('transactions fail with a conflict that names the operation', async () => {
    const store = withFaults(engine, { conflict: 1 })
    const reasons = [
      { index: 0, code: 'Conflict' },
      { index: 1, code: 'None' },
    ]
    const conflict = { code: 'Conflict', details: { reasons } }
    await expect(store.transactWrite({ writes: [put('a'), put('b')] })).rejects.toMatchObject(conflict)
    const gets = ['a', 'b'].map(id => ({ table: 'notes', key: { id } }))
    await expect(store.transactGet({ gets })).rejects.toMatchObject(conflict)
    expect((await engine.scan({ table: 'notes' })).count).toBe(0)
    await store.write(put('a'))
  })

  it('operations on tables never fail, and no request fails while the faults are suspended', async () => {
    let isEnabled = true
    const store = withFaults(engine, { throttle: 1, enabled: () => isEnabled })
    expect(await store.listTables()).toEqual(['notes'])
    await expect(store.write(put('a'))).rejects.toMatchObject({ code: 'Throttled' })
    isEnabled = false
    await store.write(put('a'))
  })

  it('a chance above 1 is refused', () => {
    expect(() => withFaults(engine, { throttle: 2 })).toThrow(/faults\.throttle: is 2; it must be a number from 0 to 1/)
  })
})
