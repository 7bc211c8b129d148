import { expect, it } from 'vitest'
import type { Item } from '../../value/value.js'
import { memory } from '../index.js'

it.each(['__proto__', 'constructor', 'toString'])('pages continue after a key attribute named %s', async name => {
  const store = memory()
  const byName = { partition: { name: 'kind', type: 'S' }, sort: { name, type: 'S' } } as const
  await store.createTable({ name: 'table', key: { partition: { name, type: 'S' } }, globalIndexes: { byName } })
  for (const key of ['a', 'b', 'c']) {
    await store.write({ kind: 'put', table: 'table', item: JSON.parse(`{"${name}":"${key}","kind":"k"}`) as Item })
  }
  const key = { partition: { name: 'kind', value: 'k' } }
  const readers = [
    (page: object) => store.scan({ table: 'table', limit: 1, ...page }),
    (page: object) => store.query({ table: 'table', index: 'byName', key, limit: 1, ...page }),
  ]
  for (const read of readers) {
    const found: unknown[] = []
    let page = await read({})
    for (; page.next; page = await read({ after: page.next })) found.push(page.items[0]?.[name])
    expect(found.sort()).toEqual(['a', 'b', 'c'])
  }
  await store.close()
})
