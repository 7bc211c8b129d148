/** Files with one JSON text in each line: our own JSON Lines, and DynamoDB's JSON. */
import type { Item } from 'partita'
import { BadInput } from '../../failure.js'
import { isJsonObject, parseJson, printJson } from '../../json/exact-json.js'
import { readLines } from '../../json/json-lines.js'
import { parseTypedLine, printTypedItem } from './dynamodb-json.js'
import { type Change, type Entry, unreadableEntry } from './entry.js'

/** The formats of which each line is one entry. */
export type LineFormat = 'jsonl' | 'dynamodb-json'

/** The entries of a file, from its beginning or from a position in it. Empty lines are skipped. */
export async function* readLineEntries(
  bytes: AsyncIterable<Uint8Array>,
  format: LineFormat,
  start: { readonly line: number; readonly offset: number },
): AsyncGenerator<Entry> {
  const parse = parserOf(format)
  for await (const { number, text, bytes: length, end, problem } of readLines(bytes, { start, keepBad: true })) {
    const at = { line: number, nextLine: number + 1, end, bytes: length }
    yield problem ? unreadableEntry(at, problem) : { ...at, text, read: () => parse(text) }
  }
}

/** Decodes the text of one item. */
export function parserOf(format: LineFormat): (text: string) => Change {
  return format === 'jsonl' ? parseItemLine : parseTypedLine
}

/** An item as one line, with its line break. Attributes are sorted by name, so that equal items have equal lines. */
export function printLine(item: Item, format: LineFormat): string {
  return `${format === 'jsonl' ? printJson(item, { sorted: true }) : printTypedItem(item)}\n`
}

function parseItemLine(text: string): Change {
  const item = parseJson(text)
  if (isJsonObject(item)) {
    return { kind: 'put', item: item as Item }
  }
  throw new BadInput('an item is a JSON object')
}
