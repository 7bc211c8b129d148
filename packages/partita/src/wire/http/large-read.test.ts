import { describe, expect, it } from 'vitest'
import { LargeReads, largestRead } from './large-read.js'

const EMPTY = Buffer.alloc(0)
const of = (operation: string, body = EMPTY, encoding?: string) =>
  largestRead(`DynamoDB_20120810.${operation}`, body, encoding)

describe('what a request may read for its response', () => {
  it('a request counts as the pages it may read: a page, a batch, or no page for a single item', () => {
    expect(['Query', 'Scan', 'BatchGetItem', 'TransactGetItems'].map(name => of(name))).toEqual([1, 1, 16, 4])
    expect(['GetItem', 'PutItem', 'constructor', ''].map(name => of(name))).toEqual([0, 0, 0, 0])
    expect(largestRead(undefined, EMPTY, undefined)).toBe(0)
  })

  it('a transaction that may return its items counts as large, however it requests them', () => {
    const write = (text: string, encoding?: string) => of('TransactWriteItems', Buffer.from(text), encoding)
    expect(write('{"TransactItems":[]}')).toBe(0)
    expect(write('{"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}')).toBe(16)
    expect(write('{"ReturnValuesOnConditionCheckFailure":"ALL\\\\u005fOLD"}')).toBe(16)
    expect(write('compressed', 'gzip')).toBe(16)
  })
})

describe('large reads', () => {
  /** The names of the requests that have begun. */
  function start(
    reads: LargeReads,
    requests: readonly (readonly [name: string, megabytes: number])[],
    isPipelined = false,
  ) {
    const begun: string[] = []
    for (const [name, megabytes] of requests) reads.add(megabytes, isPipelined, () => begun.push(name))
    return begun
  }

  it('large reads begin in their order while they have 16 MB together', () => {
    const reads = new LargeReads()
    const begun = start(
      reads,
      Array.from({ length: 20 }, (_, i) => [`${i}`, 1]),
    )
    expect(begun.length).toBe(16)
    reads.end(1)
    reads.end(1)
    expect(begun.at(-1)).toBe('17')
  })

  it('a read of more than the limit begins alone and delays others only until it ends', () => {
    const reads = new LargeReads()
    const begun = start(reads, [
      ['a', 1],
      ['huge', 16],
      ['b', 1],
      ['c', 1],
    ])
    expect(begun).toEqual(['a'])
    reads.end(1)
    expect(begun).toEqual(['a', 'huge'])
    reads.end(16)
    expect(begun).toEqual(['a', 'huge', 'b', 'c'])
  })

  it('reads of a single item are never delayed', () => {
    const reads = new LargeReads()
    expect(
      start(reads, [
        ['huge', 16],
        ['scan', 1],
        ['get', 0],
      ]),
    ).toEqual(['huge', 'get'])
  })

  it('reads from connections with one request alternate with those from pipelined connections', () => {
    const reads = new LargeReads()
    start(reads, [['huge', 16]])
    const order: string[] = []
    for (let i = 0; i < 3; i++) reads.add(16, true, () => order.push(`pipelined ${i}`))
    for (let i = 0; i < 3; i++) reads.add(16, false, () => order.push(`lone ${i}`))
    for (let i = 0; i < 6; i++) reads.end(16)
    // The very first read was alone on its connection.
    expect(order).toEqual(['pipelined 0', 'lone 0', 'pipelined 1', 'lone 1', 'pipelined 2', 'lone 2'])
  })

  it('reads that end at once do not nest', () => {
    const reads = new LargeReads()
    let depth = 0
    let deepest = 0
    start(reads, [['huge', 16]])
    for (let i = 0; i < 1000; i++) {
      reads.add(16, false, () => {
        deepest = Math.max(deepest, ++depth)
        reads.end(16)
        depth--
      })
    }
    reads.end(16)
    expect(deepest).toBe(1)
  })
})
