/** The child process of `inspection.ts`: loads the models, connects them, and reports what it finds to its parent. */
import { connect, openStore, type Store } from 'partita'
import { reportOf } from '../failure.js'
import { loadModels } from '../models/load.js'
import type { Inspection, InspectionMessage, InspectionTask } from './inspection.js'

/** How many items are looked at, as those of the library itself do not count. */
const LOOKED_AT = 10
/** How the partition keys of the library's own items begin. */
const LIBRARY_KEYS = 'PARTITA#'

async function inspect({
  models: path,
  fields,
  store: url,
  table,
  layout: configured,
}: InspectionTask): Promise<Inspection> {
  const { models, layout = configured } = await loadModels(path, fields)
  const names = Object.keys(models)
  if (url === undefined) return { models: names, warnings: [], isEmpty: false }
  const store = await openStore(url)
  try {
    const isEmpty = await hasNoItems(store, table)
    const db = await connect({ models, store, table, ...(layout && { layout }) })
    const warnings: string[] = []
    db.on('warning', event => {
      warnings.push(event.kind === 'incomplete' ? event.message : event.error.message)
    })
    await db.close()
    return { models: names, warnings, isEmpty }
  } finally {
    await store.close()
  }
}

async function hasNoItems(store: Store, table: string): Promise<boolean> {
  const found = await store.describeTable(table)
  if (!found) return true
  const { items } = await store.scan({ table, limit: LOOKED_AT })
  return items.every(item => String(item[found.key.partition.name]).startsWith(LIBRARY_KEYS))
}

/** Ends the process once the message is with the parent: a module of models may keep timers or connections open. */
function report(message: InspectionMessage): void {
  process.send?.(message, () => process.exit(0))
}

inspect(JSON.parse(process.argv[2] as string) as InspectionTask).then(
  found => report({ ok: true, found }),
  error => report({ ok: false, message: reportOf(error).message }),
)
