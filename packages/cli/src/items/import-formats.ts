/** Imports of items from CSV, DynamoDB JSON and the folders of exports to Amazon S3. */
import { stat } from 'node:fs/promises'
import type { Item } from 'partita'
import type { DBItem, Items } from 'partita/items'
import type { Context } from '../context.js'
import { BadInput, Usage } from '../failure.js'
import type { Change } from '../transfer/format/entry.js'
import type { FileFormat } from '../transfer/format/file-format.js'
import { importReported } from '../transfer/import-report.js'
import { fileSource } from '../transfer/source/file-source.js'
import { s3Source } from '../transfer/source/s3-folder.js'
import type { Source } from '../transfer/source/source.js'
import { eachConcurrently } from '../transfer/target/concurrently.js'
import { isAboutItem, type Outcome, type Target } from '../transfer/target/target.js'
import { parseTime } from './item.js'
import type { ItemsOptions } from './options.js'
import { targetName, withItems } from './session.js'

/** Values of the options of such an import. */
export interface FormatImportOptions extends ItemsOptions {
  readonly fromLine?: number
  readonly resume?: true
}

/** The source of a file or folder that is not JSON Lines; undefined for one that is, and for what is no file. */
export async function formattedSource(path: string): Promise<Source | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return s3Source(path)
  if (!found?.isFile()) return undefined
  try {
    const source = await fileSource(path, { typeOfName: name => (KEY.includes(name) ? 'S' : undefined) })
    return source.format === 'jsonl' ? undefined : source
  } catch (error) {
    // A format that is not clear is read as JSON Lines, whose errors name the line.
    if (error instanceof Usage) return undefined
    throw error
  }
}

/** Runs the import and prints what it did. */
export async function importFormatted(
  path: string,
  source: Source,
  options: FormatImportOptions,
  context: Context,
): Promise<void> {
  const { store, table, region, profile, config, json, createTable } = options
  const flags = { store, table, region, profile, config, json, 'create-table': createTable }
  const name = await targetName(options)
  await withItems(options, context, items =>
    importReported(
      {
        words: ['partita', 'items', 'import'],
        args: [path],
        flags,
        options,
        source,
        target: itemsTarget(items, source.format),
        targetName: name,
        hasLines: true,
        skipReason: 'as they are expired',
      },
      context,
    ),
  )
}

const KEY: readonly string[] = ['category', 'key']
/** What one item is expected to use; the units of items are not limited. */
const UNITS = 1

/** Writes items through the layer of items, which checks their categories. Existing items are replaced. */
function itemsTarget(items: Items, format: FileFormat): Target {
  return {
    prepare(change) {
      if (change.kind === 'delete') return { id: idOf(change.key), change, units: UNITS }
      const item = itemOf(change.item, format)
      return { id: idOf(item), change: { kind: 'put', item: item as Item }, units: UNITS }
    },
    write: changes => eachConcurrently(changes, changes.length, ({ change }) => written(items, change)),
    preview: async changes => changes.map(({ change }) => (change.kind === 'put' ? 'written' : 'deleted')),
  }
}

async function written(items: Items, change: Change): Promise<Outcome> {
  try {
    if (change.kind === 'delete') {
      await items.deleteItem(`${change.key.category}`, `${change.key.key}`)
      return 'deleted'
    }
    const item = change.item as unknown as DBItem
    if (item.expiresAt && item.expiresAt.getTime() <= Date.now()) return 'skipped'
    await items.putItem(item)
    return 'written'
  } catch (error) {
    if (isAboutItem(error)) return { problem: error }
    throw error
  }
}

/** Identifies an item. @throws BadInput if it lacks its key. */
function idOf(from: { readonly [name: string]: unknown }): string {
  for (const name of KEY) {
    if (typeof from[name] === 'string') continue
    throw new BadInput(
      `${name} is missing or not a string; every item needs one; "partita import" writes items of other tables`,
    )
  }
  return JSON.stringify([from.category, from.key])
}

function itemOf(item: Item, format: FileFormat): DBItem {
  const { ttl, expiresAt, ...rest } = item
  // In a table, ttl is the time of expiry in seconds since 1970; in CSV it is what putItem takes, a duration.
  if (format !== 'csv' && typeof ttl === 'number')
    return { ...rest, expiresAt: new Date(ttl * 1000) } as unknown as DBItem
  const given = ttl === undefined ? rest : { ...rest, ttl }
  return (expiresAt === undefined ? given : { ...given, expiresAt: parseTime(expiresAt) }) as unknown as DBItem
}
