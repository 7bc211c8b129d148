import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NumberValue } from '../value/number.js'
import { canonicalNumber, decimal } from '../value/number.js'
import type { Key } from '../value/value.js'
import { type CursorScope, openCursor, openPage, sealCursor, sealPage } from './cursor.js'

const scope: CursorScope = {
  query: ['table', null, { partition: 'p' }, 'asc', null],
  names: ['pk', 'sk', 'score', 'hash'],
  known: { pk: 'p' },
  isPosition: () => true,
  secret: undefined,
}
const number: fc.Arbitrary<NumberValue> = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 120n }).map(canonicalNumber),
  fc.constantFrom('0.1234567890123456789012345678901234567', '-1e-130', '9.9e125').map(decimal),
)
const position = fc.record({
  pk: fc.constant('p'),
  sk: fc.string({ unit: 'grapheme' }),
  score: number,
  hash: fc.uint8Array(),
})

describe('a cursor', () => {
  it('a cursor gives back its position, whatever values the position has', async () => {
    await fc.assert(
      fc.asyncProperty(
        position,
        fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        async (position, secret) => {
          const token = await sealCursor(position, { ...scope, secret })
          expect(token).toMatch(/^[\w-]+$/)
          expect(await openCursor(token, { ...scope, secret })).toEqual(position)
        },
      ),
    )
  })

  it('a cursor of a page gives back both ends, and omits what they share', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(position, { nil: 'end' as const }),
        fc.option(position, { nil: 'start' as const }),
        async (first, last) => {
          expect(await openPage(await sealPage({ first, last }, scope), scope)).toEqual({ first, last })
        },
      ),
    )
    const last: Key = { pk: 'p', sk: 'b', score: 1, hash: new Uint8Array() }
    const first = { ...last, sk: 'a' }
    const token = await sealPage({ first, last }, scope)
    expect(atob(token.replaceAll('-', '+').replaceAll('_', '/')).slice(16)).toBe('[["b",{"n":"1"},{"b":""}],["a",0,0]]')
  })

  it('a cursor is refused if any of its characters changes', async () => {
    const token = await sealCursor({ pk: 'p', sk: 's', score: 1, hash: new Uint8Array([1]) }, scope)
    for (let i = 0; i < token.length - 1; i++) {
      const changed = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`
      await expect(openCursor(changed, scope)).rejects.toMatchObject({ code: 'InvalidCursor' })
    }
  })

  it('a cursor is refused by every other query and with every other secret', async () => {
    const token = await sealCursor({ pk: 'p', sk: 's', score: 1, hash: new Uint8Array() }, scope)
    const others: readonly Partial<CursorScope>[] = [
      { query: ['table', null, { partition: 'q' }, 'asc', null] },
      { query: ['table', null, { partition: 'p' }, 'desc', null] },
      { query: ['table', null, { partition: 'p' }, 'asc', { value: 1n }] },
      { query: [] },
      { secret: 'secret' },
    ]
    for (const other of others) {
      await expect(openCursor(token, { ...scope, ...other })).rejects.toMatchObject({ code: 'InvalidCursor' })
    }
  })

  it('a cursor does not repeat values that the query already has', async () => {
    const token = await sealCursor({ pk: 'p', sk: 'sort', score: 1, hash: new Uint8Array() }, scope)
    expect(atob(token.replaceAll('-', '+').replaceAll('_', '/')).slice(16)).toBe('["sort",{"n":"1"},{"b":""}]')
  })

  it('text that is not a cursor is refused', async () => {
    for (const text of ['', 'A', 'AAAAA', '====', 'a b', '../..', 'A'.repeat(100_000), 7, {}]) {
      await expect(openCursor(text as string, scope)).rejects.toMatchObject({ code: 'InvalidCursor' })
    }
  })
})
