/** Tables and stores for the tests of imports and exports. */
import { openStore } from '../../../packages/partita/src/open.js'
import type { TableDefinition } from '../../../packages/partita/src/store/definition.js'
import type { Store } from '../../../packages/partita/src/store/store.js'
import type { Item } from '../../../packages/partita/src/value/value.js'

/** A table with both key attributes, an index and a time to live. */
export const APP: TableDefinition = {
  name: 'app',
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  globalIndexes: { byOwner: { partition: { name: 'owner', type: 'S' }, projection: 'keysOnly' } },
  timeToLive: 'ttl',
}

/** Runs work on a store and closes it. */
export async function onStore<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Creates the table {@link APP} with these items. */
export function fill(url: string, items: readonly Item[], definition = APP): Promise<void> {
  return onStore(url, async store => {
    await store.createTable(definition)
    if (items.length === 0) return
    await store.batchWrite({ writes: items.map(item => ({ kind: 'put', table: definition.name, item })) })
  })
}

/** All items of a table, sorted by key. */
export function itemsOf(url: string, table = 'app'): Promise<Item[]> {
  return onStore(url, async store => {
    const items: Item[] = []
    let after: Awaited<ReturnType<Store['scan']>>['next']
    do {
      const page = await store.scan({ table, ...(after && { after }) })
      items.push(...page.items)
      after = page.next
    } while (after)
    return items.sort((a, b) => (`${a.pk}` < `${b.pk}` ? -1 : `${a.pk}` > `${b.pk}` ? 1 : Number(a.sk) - Number(b.sk)))
  })
}
