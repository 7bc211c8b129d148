/** Serializes answers of up to 16 MB in steps. In one step they would block all other clients for half a second. */
import { YieldPace } from '../../embedded/event-loop.js'

/** Large enough that the clock is checked after every element, since each may have 400 KB. */
const LARGE = 64 * 1024
/** A page has at most 1 MB of items. It is written in this many parts. */
const PARTS = 16

/** Maps each element with `change`. Yields to the event loop between elements if that takes long. */
export async function mapInSteps<From, To>(
  list: readonly From[],
  change: (it: From, index: number) => To,
): Promise<To[]> {
  const pace = new YieldPace()
  const changed: To[] = []
  for (const [index, it] of list.entries()) {
    changed.push(change(it, index))
    if (pace.isDue(list.length > PARTS * PARTS ? 0 : LARGE)) await pace.yield()
  }
  return changed
}

interface MaybeLong {
  readonly Items?: readonly object[]
  readonly Responses?: object
  /** The reasons of a canceled transaction, with the current items if requested. */
  readonly CancellationReasons?: object
}

/** Whether an answer has many items, or items of several requests. */
export function isLong(output: MaybeLong): boolean {
  if (output.Items !== undefined && output.Items.length > 1) return true
  return output.Responses !== undefined || output.CancellationReasons !== undefined
}

/** The same text as `JSON.stringify` returns. */
export async function writeLong(output: object): Promise<string> {
  const pace = new YieldPace()
  const members: string[] = []
  for (const [name, value] of Object.entries(output)) {
    if (value === undefined) continue
    members.push(`${JSON.stringify(name)}:${await writeMember(name, value, pace)}`)
  }
  return `{${members.join(',')}}`
}

async function writeMember(name: string, value: unknown, pace: YieldPace): Promise<string> {
  if (name === 'Items') {
    const items = value as readonly object[]
    return writeList(items, Math.ceil(items.length / PARTS), pace)
  }
  if (name !== 'Responses' && name !== 'CancellationReasons') return JSON.stringify(value)
  if (Array.isArray(value)) return writeList(value, 1, pace)
  const tables: string[] = []
  for (const [table, items] of Object.entries(value as { readonly [table: string]: readonly object[] })) {
    tables.push(`${JSON.stringify(table)}:${await writeList(items, 1, pace)}`)
  }
  return `{${tables.join(',')}}`
}

async function writeList(list: readonly object[], atOnce: number, pace: YieldPace): Promise<string> {
  const parts: string[] = []
  for (let i = 0; i < list.length; i += atOnce) {
    parts.push(JSON.stringify(list.slice(i, i + atOnce)).slice(1, -1))
    if (pace.isDue(LARGE)) await pace.yield()
  }
  return `[${parts.join(',')}]`
}
