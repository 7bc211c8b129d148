/** Pages of queries and scans. */
import { compare, type KeyCondition, path, value } from '../../expression/ast.js'
import type { ItemPage, QueryRequest, ScanRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { equal, matches, notEqual, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, oneKey, textKeys } from './fixtures.js'

const sortKey = (n: number) => String(n).padStart(3, '0')

/** Declares the tests of pages. */
export function pageContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
    const writes = [
      ...Array.from({ length: 50 }, (_, n) => ({ pk: 'small', sk: sortKey(n), n, even: n % 2 === 0 })),
      // 300 KB each: four of them pass 1 MB.
      ...Array.from({ length: 9 }, (_, n) => ({ pk: 'large', sk: sortKey(n), n, text: 'x'.repeat(300 * 1024) })),
    ].map((item: Item) => ({ kind: 'put', table, item }) as const)
    await tested.store.batchWrite({ writes })
  })

  const partition = (pk: string): KeyCondition => ({ partition: { name: 'pk', value: pk } })
  const query = (pk: string, more: Partial<QueryRequest> = {}) =>
    tested.store.query({ table, key: partition(pk), consistent: true, ...more })
  const numbers = (page: ItemPage) => page.items.map(item => item.n)
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

  async function walk(read: (after: { after?: Key }) => Promise<ItemPage>): Promise<ItemPage[]> {
    const pages: ItemPage[] = []
    let after: Key | undefined
    do {
      const page = await read(after ? { after } : {})
      pages.push(page)
      after = page.next
    } while (after)
    return pages
  }

  it('A partition that fits in one page has no next key', async () => {
    const page = await query('small')
    equal(numbers(page), upTo(50))
    matches(page, { count: 50, scanned: 50 })
    equal(page.next, undefined)
  })

  it('A missing partition is an empty page', async () => {
    matches(await query('absent'), { items: [], count: 0, scanned: 0 })
  })

  it('Pages stop at the limit and continue after it, in both directions', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const pages = await walk(after => query('small', { limit: 7, order, ...after }))
      equal(
        pages.slice(0, 7).map(page => page.items.length),
        [7, 7, 7, 7, 7, 7, 7],
      )
      const all = pages.flatMap(numbers)
      equal(order === 'asc' ? all : all.reverse(), upTo(50))
    }
  })

  it('A query can start after a key that does not exist', async () => {
    const page = await query('small', { after: { pk: 'small', sk: '047x' } })
    equal(numbers(page), [48, 49])
    const back = await query('small', { after: { pk: 'small', sk: '001x' }, order: 'desc' })
    equal(numbers(back), [1, 0])
  })

  it('A page ends after 1 MB', async () => {
    const pages = await walk(after => query('large', after))
    equal(pages.flatMap(numbers), upTo(9))
    // Four items exceed 1 MB. Descriptions of AWS differ on whether the fourth still belongs to the page.
    for (const page of pages.slice(0, -1)) ok([3, 4].includes(page.items.length))
    for (const page of pages) equal(page.count, page.items.length)
  })

  it('The 1 MB of a page is counted before filter and projection', async () => {
    const filter = compare(path('n'), '>=', value(6))
    const pages = await walk(after => query('large', { filter, projection: [['n']], ...after }))
    equal(
      pages.flatMap(page => page.items),
      [{ n: 6 }, { n: 7 }, { n: 8 }],
    )
    if (!tested.supports.pageSizeBeforeFilter) return
    ok(pages.length >= 3)
    matches(pages[0], { items: [], count: 0 })
    notEqual(pages[0]?.next, undefined)
  })

  it('The filter applies after the limit', async () => {
    const filter = compare(path('even'), '=', value(false))
    const page = await query('small', { filter, limit: 5 })
    matches(page, { count: 2, scanned: 5 })
    equal(numbers(page), [1, 3])
    equal(page.next, { pk: 'small', sk: '004' })
  })

  it('A page with countOnly has counts and no items', async () => {
    const filter = compare(path('even'), '=', value(true))
    const page = await query('small', { filter, countOnly: true })
    matches(page, { items: [], count: 25, scanned: 50 })
    const scan = await tested.store.scan({ table, filter, countOnly: true, limit: 3 })
    matches(scan, { items: [], scanned: 3 })
    notEqual(scan.next, undefined)
  })

  it('A page has projected items', async () => {
    const page = await query('small', { projection: [['n'], ['absent']], limit: 2 })
    equal(page.items, [{ n: 0 }, { n: 1 }])
  })

  it('A filter on the key, a limit below 1 and a start outside the partition are rejected', async () => {
    const invalid: Partial<QueryRequest>[] = [
      { filter: compare(path('sk'), '=', value('000')) },
      { limit: 0 },
      { limit: -1 },
      { after: { pk: 'small' } },
      { after: { pk: 'small', sk: '000', more: 'x' } },
    ]
    if (tested.supports.startKeyCheck) invalid.push({ after: { pk: 'large', sk: '000' } })
    for (const options of invalid) {
      matches(await failure(query('small', options)), { code: 'ValidationFailed' }, JSON.stringify(options))
    }
  })

  it('A scan returns every item once, page by page', async () => {
    const pages = await walk(after => tested.store.scan({ table, limit: 13, consistent: true, ...after }))
    const found = pages.flatMap(page => page.items.map(item => `${item.pk} ${item.sk}`))
    equal(found.length, 59)
    equal(new Set(found).size, 59)
  })

  it('The segments of a scan return every item once together', async () => {
    const wide = await tested.table(oneKey)
    const keys = Array.from({ length: 200 }, (_, n) => `item-${n}`)
    await tested.store.batchWrite({ writes: keys.map(pk => ({ kind: 'put', table: wide, item: { pk } }) as const) })
    for (const total of [1, 3, 8]) {
      const segments = await Promise.all(
        Array.from({ length: total }, (_, index) => {
          const request: ScanRequest = { table: wide, segment: { index, total }, consistent: true, limit: 17 }
          return walk(after => tested.store.scan({ ...request, ...after }))
        }),
      )
      const found = segments.flatMap(pages => pages.flatMap(page => page.items.map(item => item.pk as string)))
      equal(found.sort(), [...keys].sort())
      if (total > 1)
        equal(
          segments.every(pages => pages.some(page => page.count < 200)),
          true,
        )
    }
  })

  it('A segment that is not below its total is rejected', async () => {
    for (const segment of [
      { index: 3, total: 3 },
      { index: -1, total: 3 },
      { index: 0, total: 0 },
      { index: 0, total: 1_000_001 },
    ]) {
      const error = await failure(tested.store.scan({ table, segment }))
      matches(error, { code: 'ValidationFailed' }, JSON.stringify(segment))
    }
  })
}
