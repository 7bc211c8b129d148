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
      const item = itemOf(change, format)
      return {
        id: JSON.stringify([item.category, item.key]),
        change: { kind: 'put', item: item as Item },
        units: UNITS,
      }
    },
    write: changes =>
      eachConcurrently(changes, changes.length, ({ change }) =>
        written(items, (change as { readonly item: unknown }).item as DBItem),
      ),
    preview: async changes => changes.map(() => 'written'),
  }
}

async function written(items: Items, item: DBItem): Promise<Outcome> {
  if (item.expiresAt && item.expiresAt.getTime() <= Date.now()) return 'skipped'
  try {
    await items.putItem(item)
    return 'written'
  } catch (error) {
    if (isAboutItem(error)) return { problem: error }
    throw error
  }
}

/** @throws BadInput if the change is not the put of an item. */
function itemOf(change: Change, format: FileFormat): DBItem {
  if (change.kind === 'delete') throw new BadInput('it deletes an item; import it into the table with "partita import"')
  const { item } = change
  for (const name of KEY) {
    if (typeof item[name] !== 'string') throw new BadInput(`${name} is missing or not a string; every item needs one`)
  }
  const { ttl, expiresAt, ...rest } = item
  // In a table, ttl is the time of expiry in seconds since 1970; in CSV it is what putItem takes, a duration.
  if (format !== 'csv' && typeof ttl === 'number') return { ...rest, expiresAt: new Date(ttl * 1000) } as DBItem
  const given = ttl === undefined ? rest : { ...rest, ttl }
  return (expiresAt === undefined ? given : { ...given, expiresAt: parseTime(expiresAt) }) as DBItem
}
