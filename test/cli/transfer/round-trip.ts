/** Random items of every type through every format: out of one store, and into another. */
import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect } from 'vitest'
import { equalValues, type Item, setAttribute, type Value } from '../../../packages/partita/src/value/value.js'
import { anyName, maps, values } from '../../arbitrary/value.js'
import { call } from '../in-process.js'
import { fill, onStore } from './tables.js'

/** File names, and the options of their export. */
export const FILES: readonly (readonly [string, readonly string[]])[] = [
  ['items.jsonl', []],
  ['items.jsonl.gz', []],
  ['items.json', ['--format', 'dynamodb-json']],
  ['items.json.gz', ['--format', 'dynamodb-json']],
  ['items.csv', []],
  ['items.csv.gz', []],
  ['items-s3', ['--format', 's3-export']],
]

/** Items with attributes of every type under few names, so that CSV has a bounded number of columns. */
export function randomItems(count: number, seed: number): Item[] {
  const names = fc
    .sample(anyName, { numRuns: 20, seed })
    .filter(name => name !== 'pk' && name !== 'sk' && name !== 'owner' && name !== 'ttl')
  const arbitrary = maps(fc.constantFrom(...names), values(anyName))
  return fc.sample(arbitrary, { numRuns: count, seed }).map((attributes, n) => {
    const item: Item = { pk: `p${n % 97}`, sk: n }
    for (const name of Object.keys(attributes)) setAttribute(item, name, attributes[name] as Value)
    return item
  })
}

/** Writes the items into a store, some at a time. */
export async function fillMany(store: string, items: readonly Item[]): Promise<void> {
  await fill(store, [])
  await onStore(store, async opened => {
    for (let at = 0; at < items.length; at += 1000) {
      const writes = items.slice(at, at + 1000).map(item => ({ kind: 'put', table: 'app', item }) as const)
      await opened.batchWrite({ writes })
    }
  })
}

/**
 * Exports the table of a store to a file, imports that into a new store, and compares item by item. The export of the new
 * store must be the same byte by byte.
 */
export async function expectRoundTrip(
  store: string,
  path: (name: string) => string,
  name: string,
  args: readonly string[],
) {
  const other = `embedded:${path('other')}`
  rmSync(path('other'), { recursive: true, force: true })
  await fill(other, [])
  const exported = await call('export', '--store', store, '--table', 'app', '--out', path(name), ...args)
  expect(exported).toMatchObject({ code: 0 })
  const imported = await call('import', path(name), '--store', other, '--table', 'app')
  expect(imported.stderr.replace(/^using.*\n/, '').replace('imported', 'exported')).toBe(
    exported.stderr.replace(/^using.*\n/, ''),
  )
  expect(await differingKeys(store, other)).toEqual([])
}

async function differingKeys(left: string, right: string): Promise<unknown[]> {
  const differing: unknown[] = []
  await onStore(left, one =>
    onStore(right, async two => {
      let after: Item | undefined
      do {
        const request = { table: 'app', ...(after && { after: after as never }) }
        const [a, b] = [await one.scan(request), await two.scan(request)]
        if (a.items.length !== b.items.length) differing.push([a.items.length, b.items.length])
        for (const [i, item] of a.items.entries()) {
          if (!b.items[i] || !equalValues(item, b.items[i])) differing.push([item.pk, item.sk])
        }
        after = a.next
      } while (after)
    }),
  )
  return differing
}
