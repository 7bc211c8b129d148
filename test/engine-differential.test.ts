/**
 * Long random sequences of requests have the same results on the embedded engine in memory and on disk, on MongoDB, and on
 * DynamoDB Local if it can be started.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { dynamodb } from '../packages/partita/src/dynamodb/index.js'
import { embedded, memory } from '../packages/partita/src/embedded/index.js'
import { PartitaError, type TransactionReason } from '../packages/partita/src/errors/errors.js'
import * as ast from '../packages/partita/src/expression/ast.js'
import type { TableDefinition } from '../packages/partita/src/store/definition.js'
import type { QueryRequest, Store, WriteRequest } from '../packages/partita/src/store/store.js'
import { equalValues, type Item, type Key, type Value } from '../packages/partita/src/value/value.js'
import { seed } from './seeded.js'
import { mongoEngines } from './stores.js'

const STEPS = Number(process.env.PARTITA_DIFFERENTIAL_STEPS ?? 1500)
const server = inject('servers').find(({ name }) => name === 'dynamodb-local')

/** Random numbers that depend only on the seed. */
let state = seed
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((state / 0x80000000) * below)
}
const chance = (percent: number) => random(100) < percent
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T

const definition: TableDefinition = {
  name: `differential-${seed}`,
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  globalIndexes: {
    byGroup: { partition: { name: 'group', type: 'S' }, sort: { name: 'rank', type: 'N' } },
    keysOnly: { partition: { name: 'group', type: 'S' }, projection: 'keysOnly' },
    included: {
      partition: { name: 'kind', type: 'B' },
      sort: { name: 'sk', type: 'N' },
      projection: { include: ['text'] },
    },
  },
  localIndexes: { byRank: { partition: { name: 'pk', type: 'S' }, sort: { name: 'rank', type: 'N' } } },
}

const sortKeys = [-1e20, -2.5, -1, 0, 0.5, 1, 2, 10, 9007199254740993n, 1e30]
const texts = ['', 'a', 'ab', 'abc', 'ä', '\u{1f600}', 'z'.repeat(700)]
const anyKey = (): Key => ({ pk: pick(['p', 'q', 'r#1']), sk: pick(sortKeys) })
const anyValue = (): Value =>
  pick<() => Value>([
    () => pick(texts),
    () => pick(sortKeys),
    () => null,
    () => chance(50),
    () => Uint8Array.of(random(256), 0, 255),
    () => new Set(['x', pick(['y', 'z'])]),
    () => new Set([random(5), 100]),
    () => [random(9), pick(texts), [random(3)]],
    () => ({ a: random(4), deep: { b: pick(texts) } }),
  ])()

function anyItem(): Item {
  const item: Item = { ...anyKey() }
  if (chance(70)) item.group = pick(['g', 'h'])
  if (chance(70)) item.rank = pick(sortKeys)
  if (chance(50)) item.kind = Uint8Array.of(random(2))
  if (chance(70)) item.text = pick(texts)
  if (chance(50)) item.count = random(10)
  if (chance(50)) item.list = [random(5), pick(texts)]
  if (chance(40)) item.tags = new Set(['x', pick(['y', 'z'])])
  if (chance(40)) item.any = anyValue()
  return item
}

const attribute = () =>
  pick<ast.Path>([['text'], ['count'], ['list'], ['list', 1], ['tags'], ['any'], ['any', 'a'], ['rank'], ['absent']])

function anyCondition(depth = 0): ast.Condition {
  const it = () => ast.path(...attribute())
  const v = () => ast.value(anyValue())
  if (depth < 2 && chance(30)) {
    const [left, right] = [anyCondition(depth + 1), anyCondition(depth + 1)]
    return pick([ast.and(left, right), ast.or(left, right), ast.not(left)])
  }
  return pick<() => ast.Condition>([
    () => ast.compare(it(), pick(['=', '<>'] as const), v()),
    () => ast.compare(it(), pick(['<', '<=', '>', '>='] as const), ast.value(pick<Value>([3, 'ab', 0]))),
    () => ast.exists(attribute()),
    () => ast.notExists(attribute()),
    () => ast.hasType(attribute(), ast.value(pick(['S', 'N', 'L', 'SS', 'M']))),
    () => ast.contains(it(), ast.value(pick<Value>(['x', 'a', 3]))),
    () => ast.beginsWith(it(), ast.value(pick(['a', 'ab', 'z']))),
    () => ast.between(it(), ast.value(1), ast.value(6)),
    () => ast.isIn(it(), [v(), v()]),
    () => ast.compare(ast.size(...attribute()), pick(['=', '>', '<'] as const), ast.value(random(4))),
  ])()
}

function anyUpdate(): ast.Update {
  const set: ast.SetAction[] = []
  if (chance(60)) set.push({ path: ['text'], value: ast.value(pick(texts)) })
  if (chance(40)) set.push({ path: ['group'], value: ast.value(pick(['g', 'h'])) })
  if (chance(30)) set.push({ path: ['list', random(4)], value: ast.value(anyValue()) })
  if (chance(30))
    set.push({ path: ['any', 'a'], value: ast.plus(ast.ifNotExists(['any', 'a'], ast.value(0)), ast.value(1)) })
  const remove = chance(30) ? [pick<ast.Path>([['rank'], ['kind'], ['absent']])] : []
  const add: ast.ValueAction[] = chance(50) ? [{ path: ['count'], value: random(5) - 2 }] : []
  const minus: ast.ValueAction[] = chance(25) ? [{ path: ['tags'], value: new Set(['x', 'y']) }] : []
  const clauses = { set, remove, add, delete: minus }
  return ast.update(set.length + remove.length + add.length + minus.length > 0 ? clauses : { remove: [['absent']] })
}

function anyWrite(): WriteRequest {
  const table = definition.name
  const condition = chance(40) ? { condition: anyCondition(), returnOldOnFailure: true } : {}
  return pick<() => WriteRequest>([
    () => ({ kind: 'put', table, item: anyItem(), returns: pick(['none', 'old'] as const), ...condition }),
    () => {
      const update = anyUpdate()
      // DynamoDB Local creates a missing item for an update with only REMOVE and DELETE; AWS does not.
      const onlyRemoves = update.set.length === 0 && update.add.length === 0
      return {
        kind: 'update',
        table,
        key: anyKey(),
        update,
        returns: pick(['none', 'old', 'new', 'updatedOld', 'updatedNew'] as const),
        ...(onlyRemoves ? { condition: ast.exists(['pk']), returnOldOnFailure: true } : condition),
      }
    },
    () => ({ kind: 'delete', table, key: anyKey(), returns: pick(['none', 'old'] as const), ...condition }),
  ])()
}

function anyTransaction(): WriteRequest[] {
  const writes = new Map<string, WriteRequest>()
  for (let i = 0; i < 3; i++) {
    const { returns: _, ...write } = anyWrite() as WriteRequest & { returns?: string }
    const { pk, sk } = write.kind === 'put' ? write.item : write.key
    writes.set(`${pk} ${sk}`, write as WriteRequest)
  }
  return [...writes.values()]
}

function anySort(name: string): ast.SortCondition | undefined {
  if (chance(50)) return undefined
  if (chance(25)) return { kind: 'between', name, low: -2.5, high: pick([1, 10, 1e30]) }
  return { kind: 'compare', name, comparator: pick(['=', '<', '<=', '>', '>='] as const), value: pick(sortKeys) }
}

function anyQuery(): QueryRequest {
  const order = pick(['asc', 'desc'] as const)
  const filter = chance(30) ? { filter: ast.compare(ast.path('count'), '>', ast.value(random(8))) } : {}
  const shape = { table: definition.name, order, ...filter, limit: 1 + random(6) }
  const key = (name: string, value: Value, sortName?: string): ast.KeyCondition => {
    const sort = sortName === undefined ? undefined : anySort(sortName)
    return { partition: { name, value }, ...(sort && { sort }) }
  }
  return pick<() => QueryRequest>([
    () => ({ ...shape, key: key('pk', pick(['p', 'q', 'r#1']), 'sk'), consistent: chance(50) }),
    () => ({ ...shape, index: 'byGroup', key: key('group', pick(['g', 'h']), 'rank') }),
    () => ({ ...shape, filter: undefined as never, index: 'keysOnly', key: key('group', pick(['g', 'h'])) }),
    () => ({
      ...shape,
      filter: undefined as never,
      index: 'included',
      key: key('kind', Uint8Array.of(random(2)), 'sk'),
    }),
    () => ({ ...shape, index: 'byRank', key: key('pk', pick(['p', 'q']), 'rank') }),
  ])()
}

/** The items of all pages of a query. */
async function walk(store: Store, request: QueryRequest): Promise<Item[]> {
  const items: Item[] = []
  let after: Key | undefined
  for (let pages = 0; pages < 200; pages++) {
    const page = await store.query({ ...request, ...(after && { after }) })
    items.push(...page.items)
    after = page.next
    if (!after) return items
  }
  throw new Error('The walk does not end')
}

interface Outcome {
  readonly code: string
  readonly value?: Value
  readonly message?: string
}

async function outcome(call: Promise<Value | undefined>): Promise<Outcome> {
  try {
    const value = await call
    return value === undefined ? { code: 'ok' } : { code: 'ok', value }
  } catch (error) {
    if (!(error instanceof PartitaError)) throw error
    const { code, details, message } = error
    // AWS reports an invalid path of an update as that operation's reason; DynamoDB Local refuses the whole request.
    const reasons: readonly TransactionReason[] = 'reasons' in details ? (details.reasons ?? []) : []
    if (reasons.some(reason => reason.code === 'ValidationFailed')) return { code: 'ValidationFailed', message }
    return { code, message, ...('item' in details && details.item && { value: details.item }) }
  }
}

/** A form that ignores order, because items with equal index keys are returned in any order. */
function canonical(items: readonly Item[]): Item {
  return Object.fromEntries(items.map(item => [`${item.pk} ${item.sk}`, item]))
}

/** A store that the engine in memory is compared with. */
interface Reference {
  readonly name: string
  readonly steps: number
  open(): Store | Promise<Store>
}

const references: Reference[] = [
  { name: 'a store on disk', steps: Math.ceil(STEPS / 3), open: onDisk },
  ...mongoEngines.map(({ name, open }) => ({ name, steps: Math.ceil(STEPS / 8), open })),
  ...(server ? [{ name: 'DynamoDB Local', steps: STEPS, open: () => dynamodb({ endpoint: server.url }) }] : []),
]

const folders: string[] = []

function onDisk(): Store {
  const path = mkdtempSync(join(tmpdir(), 'partita-differential-'))
  folders.push(path)
  return embedded({ path, sweepInterval: 0 })
}

describe.each(references)(
  `the engine in memory against $name, $steps steps from seed ${seed}`,
  ({ name, steps, open }) => {
    let ours: Store
    let theirs: Store

    beforeAll(async () => {
      state = seed
      ours = memory({ sweepInterval: 0 })
      theirs = await open()
      await Promise.all([ours.createTable(definition), theirs.createTable(definition)])
    })
    afterAll(async () => {
      await theirs.deleteTable(definition.name)
      await Promise.all([ours.close(), theirs.close()])
      for (const path of folders) rmSync(path, { recursive: true, force: true })
    })

    const same = async (step: string, call: (store: Store) => Promise<Value | undefined>) => {
      const [mine, reference] = await Promise.all([outcome(call(ours)), outcome(call(theirs))])
      const alike = mine.code === reference.code && equalValues(mine.value ?? null, reference.value ?? null)
      expect(alike ? reference : mine, step).toEqual(reference)
    }

    it('every request returns the same result or error', async () => {
      for (let i = 0; i < steps; i++) {
        const dice = random(100)
        if (dice < 60) {
          const write = anyWrite()
          await same(text(i, write), async store => (await store.write(write)).item)
        } else if (dice < 75) {
          const writes = anyTransaction()
          await same(text(i, writes), async store => void (await store.transactWrite({ writes })))
        } else {
          const request = anyQuery()
          await same(text(i, request), async store => {
            // DynamoDB Local loses an item if a page of a global index ends between items with equal index keys.
            const whole =
              name === 'DynamoDB Local' && store === theirs && request.index !== undefined && request.index !== 'byRank'
            const items = await walk(store, whole ? { ...request, limit: 1000 } : request)
            const sortName =
              request.index === 'keysOnly'
                ? undefined
                : ({ byGroup: 'rank', byRank: 'rank' }[request.index ?? ''] ?? 'sk')
            return { items: canonical(items), order: sortName ? items.map(item => item[sortName] as Value) : [] }
          })
        }
      }
      for (const index of [undefined, 'byGroup', 'keysOnly', 'included', 'byRank']) {
        await same(`scan of ${index ?? 'the table'}`, async store => {
          return canonical((await store.scan({ table: definition.name, ...(index && { index }) })).items)
        })
      }
    })
  },
)

function text(step: number, request: unknown): string {
  const shown = JSON.stringify(request, (_, it) =>
    typeof it === 'bigint'
      ? `${it}n`
      : it instanceof Set
        ? { set: [...it] }
        : it instanceof Uint8Array
          ? [...it].join()
          : it,
  )
  return `step ${step}: ${shown}`
}
