import { describe, expect, it } from 'vitest'
import { OutcomeUnknownError, ThrottledError, UnavailableError } from '../errors/errors.js'
import { Decimal } from '../value/number.js'
import type { Key } from '../value/value.js'
import { type Batch, chunksOf, keyIdentity, runBatch } from './batch.js'
import type { Pace } from './retry.js'

/** A clock that advances only while something sleeps. */
function paceOf(random = 0.5): Pace & { readonly sleeps: number[] } {
  let time = 0
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => time,
    random: () => random,
    async sleep(milliseconds) {
      sleeps.push(milliseconds)
      time += milliseconds
    },
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

function batchOf(count: number, attempt: Batch<number>['attempt'], more: Partial<Batch<number>> = {}): Batch<number> {
  return { verb: 'written', chunks: chunksOf(numbers(count), 25), attempt, keyOf: pk => ({ pk }), ...more }
}

describe('runBatch', () => {
  it('every entry is done once and nothing waits if nothing is refused', async () => {
    const done: number[] = []
    const pace = paceOf()
    const attempt = async (chunk: readonly number[]) => {
      done.push(...chunk)
      return []
    }
    await runBatch(batchOf(260, attempt, { pace }))
    expect(done.sort((a, b) => a - b)).toEqual(numbers(260))
    expect(pace.sleeps).toEqual([])
  })

  it('only refused entries are retried, and the delay doubles while none succeeds', async () => {
    const attempts: (readonly number[])[] = []
    const pace = paceOf()
    const attempt = async (chunk: readonly number[]) => {
      attempts.push(chunk)
      return attempts.length < 5 ? chunk.filter(entry => entry % 2 === 1) : []
    }
    await runBatch(batchOf(4, attempt, { pace }))
    expect(attempts).toEqual([
      [0, 1, 2, 3],
      [1, 3],
      [1, 3],
      [1, 3],
      [1, 3],
    ])
    expect(pace.sleeps).toEqual([25, 50, 100, 200])
  })

  it('after a lost answer the batch starts no further requests and reports done, undone and unknown entries', async () => {
    const pace = paceOf()
    let calls = 0
    const attempt = async (chunk: readonly number[]) => {
      calls++
      if (chunk[0] === 25) throw new OutcomeUnknownError('lost', { operation: 'batchWrite', table: 'things' })
      return chunk[0] === 50 ? chunk.slice(0, 5) : []
    }
    const error = await runBatch(batchOf(250, attempt, { pace, deadline: 0 })).catch(it => it)
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    const { done, undoneKeys, unknownKeys } = error.details.batch
    expect(unknownKeys).toEqual(numbers(25).map(i => ({ pk: 25 + i })))
    // Five entries of the third chunk were refused.
    expect(calls).toBeLessThan(10)
    expect(done).toBe((calls - 1) * 25 - 5)
    expect(undoneKeys).toHaveLength(5 + (10 - calls) * 25)
    expect(error.details).toMatchObject({ operation: 'batchWrite', table: 'things' })
  })

  it('a throttled request counts as one whose entries were all refused', async () => {
    let calls = 0
    const attempt = async () => {
      if (++calls === 1) throw new ThrottledError('busy', { done: 0, undone: 0, undoneKeys: [] })
      return []
    }
    await runBatch(batchOf(3, attempt, { pace: paceOf() }))
    expect(calls).toBe(2)
  })

  it('at the deadline the batch reports what it did and what it did not, chunks it never started included', async () => {
    const done = new Set<number>()
    const pace = paceOf()
    const attempt = async (chunk: readonly number[]) => {
      const refused = chunk.filter(entry => entry === 30)
      for (const entry of chunk) if (entry !== 30) done.add(entry)
      return refused
    }
    const error = await runBatch(batchOf(1000, attempt, { pace, deadline: 2000 })).catch(it => it)
    expect(error).toBeInstanceOf(ThrottledError)
    const { details } = error as ThrottledError
    expect(details.done).toBe(done.size)
    expect(details.done + details.undone).toBe(1000)
    expect(details.undoneKeys).toHaveLength(details.undone)
    expect(details.undoneKeys).toContainEqual({ pk: 30 })
    expect(details.undoneKeys.every(({ pk }) => !done.has(pk as number))).toBe(true)
    expect(pace.sleeps.reduce((sum, it) => sum + it, 0)).toBe(2000)
  })

  it('any other error is thrown, and no further chunk is started', async () => {
    let calls = 0
    const attempt = async () => {
      calls++
      throw new UnavailableError('gone', {})
    }
    await expect(runBatch(batchOf(1000, attempt))).rejects.toThrow(UnavailableError)
    expect(calls).toBeLessThanOrEqual(8)
  })

  it('at most eight requests are in flight', async () => {
    let inFlight = 0
    let most = 0
    const attempt = async () => {
      most = Math.max(most, ++inFlight)
      await new Promise(setImmediate)
      inFlight--
      return []
    }
    await runBatch(batchOf(1000, attempt))
    expect(most).toBe(8)
  })
})

describe('chunksOf', () => {
  it('entries are divided by count and by bytes, and one with more bytes gets a chunk of its own', () => {
    expect(chunksOf([1, 2, 3], 2)).toEqual([[1, 2], [3]])
    expect(chunksOf([4, 4, 20, 1, 1], 9, 10, it => it)).toEqual([[4, 4], [20], [1, 1]])
    expect(chunksOf([], 5)).toEqual([])
  })
})

describe('keyIdentity', () => {
  it('equal keys have the same identity, however they are written', () => {
    expect(keyIdentity({ pk: 'a', sk: 1 })).toBe(keyIdentity({ sk: 1n, pk: 'a' }))
    expect(keyIdentity({ pk: new Decimal('1.0') })).toBe(keyIdentity({ pk: 1 }))
    expect(keyIdentity({ pk: Uint8Array.of(200) })).toBe(keyIdentity({ pk: Buffer.from([200]) }))
  })

  it('different keys have different identities', () => {
    const keys: Key[] = [
      { pk: 'a' },
      { pk: 1 },
      { pk: '1' },
      { pk: Uint8Array.of(49) },
      { pk: 'a', sk: 'b' },
      { sk: 'a' },
    ]
    expect(new Set(keys.map(keyIdentity)).size).toBe(keys.length)
  })
})
