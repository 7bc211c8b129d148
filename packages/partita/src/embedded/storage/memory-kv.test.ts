import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openMemoryKv } from './memory-kv.js'

const bytes = fc.uint8Array({ minLength: 1, maxLength: 3 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: bytes, value: bytes }),
  fc.record({ kind: fc.constant('remove' as const), key: bytes }),
)

test('a range returns the stored pairs in the order of their keys, in both directions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), bytes, bytes, async (steps, a, b) => {
      const kv = openMemoryKv()
      const plain = new Map<string, Uint8Array>()
      await kv.transact(() => {
        for (const it of steps) {
          const name = Buffer.from(it.key).toString('hex')
          if (it.kind === 'put') {
            kv.put(it.key, it.value)
            plain.set(name, it.value)
          } else {
            kv.remove(it.key)
            plain.delete(name)
          }
        }
      })
      const [low, high] = Buffer.compare(a, b) < 0 ? [a, b] : [b, a]
      const wanted = [...plain]
        .map(([name, value]) => ({ key: Buffer.from(name, 'hex'), value: [...value] }))
        .filter(({ key }) => Buffer.compare(key, low) >= 0 && Buffer.compare(key, high) < 0)
        .sort((left, right) => Buffer.compare(left.key, right.key))
      for (const descending of [false, true]) {
        const found: number[][] = []
        kv.each({ low, high, descending }, value => found.push([...value]) > 0)
        const values = wanted.map(({ value }) => value)
        expect(found).toEqual(descending ? values.reverse() : values)
      }
      expect(kv.keys({ low, high }, 100)).toEqual(wanted.map(({ key }) => key))
      expect(kv.count({ low, high })).toBe(wanted.length)
    }),
  )
})

test('a visitor that returns false ends the iteration', async () => {
  const kv = openMemoryKv()
  await kv.transact(() => {
    for (let i = 0; i < 9; i++) kv.put(Uint8Array.of(i), Uint8Array.of(i))
  })
  const seen: number[] = []
  kv.each({ low: Uint8Array.of(2), high: Uint8Array.of(9) }, value => seen.push(value[0] as number) < 3)
  expect(seen).toEqual([2, 3, 4])
  expect(kv.keys({ low: Uint8Array.of(2), high: Uint8Array.of(9) }, 2)).toHaveLength(2)
})

test('a held snapshot does not change, and put copies its bytes', async () => {
  const kv = openMemoryKv()
  const [key, value] = [Uint8Array.of(1), Uint8Array.of(7)]
  await kv.transact(() => kv.put(key, value))
  value[0] = 0
  const read = () => kv.get(key, it => it[0])
  expect(read()).toBe(7)
  const held = kv.hold()
  await kv.transact(() => kv.remove(key))
  expect(read()).toBeUndefined()
  expect(held.run(read)).toBe(7)
  held.release()
  expect(read()).toBeUndefined()
})
