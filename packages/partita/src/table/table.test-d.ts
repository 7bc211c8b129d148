/**
 * What the compiler catches; checked by `tsc -p test`. Numbers are those of research on the library it is compared to.
 */
import { expectTypeOf } from 'vitest'
import type { Store } from '../store/store.js'
import type { Item, Value } from '../value/value.js'
import { SingleTable } from './table.js'

declare const store: Store

interface User {
  id: string
  name: string
  role: 'admin' | 'member'
  age: number
  tags: Set<string>
  nick?: string
  history: string[]
  address: { city: string }
  ttl?: number
}

const table = new SingleTable({
  store,
  table: 'app',
  partitionKey: 'pk',
  rangeKey: 'sk',
  typeIndex: { name: 'Types', partitionKey: '_type', rangeKey: '_at' },
  expiresAt: 'ttl',
  indexes: {
    GSI1: { partitionKey: 'g1pk', rangeKey: 'g1sk' },
    Score: { partitionKey: 'g2pk', rangeKey: 'g2sk', numeric: true },
  },
})
const plain = new SingleTable({ store, table: 'app', partitionKey: 'pk', rangeKey: 'sk' })

const key = { partitionKey: ['USER', 1], rangeKey: '#METADATA' } as const
const user: User = {
  id: '1',
  name: 'Ada',
  role: 'admin',
  age: 36,
  tags: new Set(['a']),
  history: [],
  address: { city: 'London' },
}

export async function results() {
  expectTypeOf(await table.get<User>(key)).toEqualTypeOf<User | undefined>()
  expectTypeOf(await table.get(key)).toEqualTypeOf<Item | undefined>()
  expectTypeOf((await table.query<User>({ partition: 'x' })).items).toEqualTypeOf<User[]>()
  expectTypeOf(await table.batchGetAligned<User>({ keys: [key] })).toEqualTypeOf<(User | undefined)[]>()
  expectTypeOf(await table.create({ key, item: user, type: 'USER' })).toEqualTypeOf<User>()
  expectTypeOf(await table.listAllFromType<User>('USER')).toEqualTypeOf<User[]>()
  for await (const it of table.iterate<User>({ partition: 'x' })) expectTypeOf(it).toEqualTypeOf<User>()

  // 50: a projection is of the type of what it retrieves
  const names = await table.get<User, 'name'>({ ...key, propertiesToRetrieve: ['name'] })
  expectTypeOf(names).toEqualTypeOf<Pick<User, 'name'> | undefined>()
  const untyped = await table.get({ ...key, propertiesToRetrieve: ['name'] })
  expectTypeOf(untyped?.name).toEqualTypeOf<Value | undefined>()
  // @ts-expect-error the whole type is not what comes back
  await table.get<User>({ ...key, propertiesToRetrieve: ['name'] })
  // @ts-expect-error no such property
  await table.query<User, 'nmae'>({ partition: 'x', propertiesToRetrieve: ['nmae'] })
  expectTypeOf((await table.listType<User>({ type: 'USER' })).paginationToken).toEqualTypeOf<string | undefined>()

  // What an update without a type for the item returns is known from its operations.
  const counted = await table.update({
    ...key,
    atomicOperations: [{ operation: 'add', property: 'views', value: 1 }],
    returnUpdatedProperties: true,
  })
  expectTypeOf(counted?.views).toEqualTypeOf<number | undefined>()
  const typed = await table.update<User>({ ...key, values: { name: 'B' }, returnUpdatedProperties: true })
  expectTypeOf(typed).toEqualTypeOf<Partial<User> | undefined>()
}

export async function typos() {
  // 47: at top level
  // @ts-expect-error
  await table.update<User>({ ...key, valuess: { name: 'B' } })
  // @ts-expect-error
  await table.update({ ...key, values: { name: 'B' }, condition: [] })
  // @ts-expect-error
  await table.create({ key, item: user, type: 'USER', onlyCreate: true })
  // @ts-expect-error
  await table.delete({ ...key, condition: [] })
  // @ts-expect-error
  await table.query({ partition: 'x', limits: 3 })
  // @ts-expect-error
  await table.query({ partition: 'x', range: { operation: 'starts_with', value: 'A' } })
  // @ts-expect-error
  await table.query({ partition: 'x', index: 'GSI9' })
  // @ts-expect-error
  await plain.query({ partition: 'x', index: 'GSI1' })
  // @ts-expect-error
  await table.get({ partitionKey: 'x', sortKey: 'y' })
  // @ts-expect-error
  await table.transaction([{ delete: key }])
  // @ts-expect-error an expiry that the table has no attribute for
  await plain.create({ key, item: user, expiresAt: 1 })
  // @ts-expect-error a type that the table has no index for
  await plain.create({ key, item: user, type: 'USER' })
  // @ts-expect-error an index that the table has not
  await plain.create({ key, item: user, indexes: { GSI1: { partitionKey: 'a', rangeKey: 'b' } } })
  // @ts-expect-error a type is missing
  await table.create({ key, item: user })
  // @ts-expect-error a type is missing
  await table.transaction([{ create: { key, item: user } }])
  const misspelt = { ...key, atomicOperations: [{ operation: 'addd', property: 'age', value: 1 }] } as const
  // @ts-expect-error a misspelt operation
  await table.transaction([{ update: misspelt }])
  // @ts-expect-error a misspelt condition
  await table.transaction([{ erase: { ...key, conditions: [{ operation: 'equals', property: 'age', value: 1 }] } }])
  // @ts-expect-error transactions return nothing
  await table.transaction([{ update: { ...key, values: { age: 1 }, returnUpdatedProperties: true } }])
}

export async function operands() {
  // 48: atomic operations on properties of another type
  await table.update<User>({ ...key, atomicOperations: [{ operation: 'add', property: 'age', value: 1 }] })
  await table.update<User>({ ...key, atomicOperations: [{ type: 'add_to_set', property: 'tags', value: ['x', 'y'] }] })
  await table.update<User>({
    ...key,
    atomicOperations: [{ type: 'set_if_not_exists', property: 'nick', value: 'x', refProperty: 'name' }],
  })
  // @ts-expect-error
  await table.update<User>({ ...key, atomicOperations: [{ operation: 'add', property: 'name', value: 1 }] })
  // @ts-expect-error
  await table.update<User>({ ...key, atomicOperations: [{ operation: 'add', property: 'age', value: '1' }] })
  // @ts-expect-error
  await table.update<User>({ ...key, atomicOperations: [{ type: 'add_to_set', property: 'age', value: 1 }] })
  // @ts-expect-error
  await table.update<User>({ ...key, atomicOperations: [{ type: 'add_to_set', property: 'tags', value: 1 }] })
  // @ts-expect-error
  await table.update<User>({ ...key, atomicOperations: [{ type: 'set_if_not_exists', property: 'nick', value: 1 }] })
  // @ts-expect-error
  await table.update({ ...key, atomicOperations: [{ operation: 'plus', property: 'age', value: 1 }] })
  // @ts-expect-error an index that is not the table's
  await table.update({ ...key, atomicIndexes: [{ operation: 'add', index: 'GSI9', value: 1 }] })

  // 48: conditions
  await table.delete<User>({ ...key, conditions: [{ property: 'age', operation: 'bigger_than', value: 3 }] })
  await table.delete<User>({ ...key, conditions: [{ property: 'role', operation: 'in', values: ['admin'] }] })
  await table.delete<User>({ ...key, conditions: [{ property: 'tags', operation: 'contains', value: 'a' }] })
  await table.delete<User>({ ...key, conditions: [{ property: 'nick', operation: 'equal', value: null }] })
  await table.delete<User>({ ...key, conditions: [{ property: ['address', 'city'], operation: 'equal', value: 'x' }] })
  await table.delete<User>({ ...key, conditions: [{ property: 'id', operation: 'equal', otherProperty: 'name' }] })
  await table.delete<User>({ ...key, conditions: { role: 'admin', age: { $gt: 3 }, 'address.city': 'Lyon' } })
  // @ts-expect-error
  await table.delete<User>({ ...key, conditions: [{ property: 'age', operation: 'equal', value: '3' }] })
  // @ts-expect-error
  await table.delete<User>({ ...key, conditions: [{ property: 'age', operation: 'begins_with', value: '3' }] })
  // @ts-expect-error
  await table.delete<User>({ ...key, conditions: [{ property: 'role', operation: 'equal', value: 'owner' }] })
  // @ts-expect-error
  await table.delete<User>({ ...key, conditions: [{ property: 'nmae', operation: 'exists' }] })
  // @ts-expect-error
  await table.delete<User>({ ...key, conditions: [{ property: 'age', operation: 'between', start: 1 }] })

  await table.query<User>({ partition: 'x', filters: { role: 'admin', age: { operation: 'bigger_than', value: 3 } } })
  await table.query<User>({ partition: 'x', filters: { role: ['admin', 'member'], $or: [{ age: 3 }, { age: 4 }] } })
  // @ts-expect-error
  await table.query<User>({ partition: 'x', filters: { nmae: 'x' } })
  // @ts-expect-error
  await table.query<User>({ partition: 'x', filters: { age: 'x' } })
  // @ts-expect-error
  await table.query<User>({ partition: 'x', filters: { age: { operation: 'bigger_than', value: 'x' } } })
}

export async function keys() {
  await table.update<User>({
    ...key,
    values: { nick: 'x' },
    remove: ['nick'],
    expiresAt: null,
    indexes: { GSI1: null },
  })
  await table.create({
    key,
    item: user,
    type: 'USER',
    expiresAt: new Date(),
    indexes: {
      GSI1: { partitionKey: ['A', undefined], rangeKey: null },
      Score: { partitionKey: 'A', rangeKey: 3 },
    },
  })
  await table.update({ ...key, values: { any: { thing: [1] } }, remove: ['other'] })
  // 49: what belongs to the table cannot be given as a value
  // @ts-expect-error
  await table.update({ ...key, values: { pk: 'x' } })
  // @ts-expect-error
  await table.update<User>({ ...key, values: { ttl: 3 } })
  // @ts-expect-error
  await table.update({ ...key, values: { g1sk: 'x' } })
  // @ts-expect-error a required property
  await table.update<User>({ ...key, remove: ['name'] })
  // @ts-expect-error the parts of a primary key
  await table.get({ partitionKey: ['USER', undefined], rangeKey: 'x' })
  // @ts-expect-error the sort key is a number
  await table.create({ key, item: user, type: 'U', indexes: { Score: { partitionKey: 'A', rangeKey: 'x' } } })
  // @ts-expect-error half a key
  await table.update({ ...key, indexes: { GSI1: { partitionKey: 'A' } } })
  // @ts-expect-error only an update can take an item out of an index
  await table.create({ key, item: user, type: 'U', indexes: { GSI1: null } })
}

/** A list that is built up first has operations of type string; they are checked when it runs. */
export async function builtUp() {
  const operations = [
    { update: { ...key, atomicOperations: [{ operation: 'add', property: 'age', value: 1 }] } },
    { erase: { ...key, conditions: [{ operation: 'equal', property: 'age', value: 1 }] } },
    { create: { key, item: user, type: 'USER' } },
  ]
  await table.transaction(operations)
  await table.transaction(table.toTransactionParams([1, 2], age => ({ update: { ...key, values: { age } } })))
}

/** Code that takes any table takes this one. */
export const anyTable: SingleTable = table
