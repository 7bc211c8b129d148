/** Serializes answers of up to 16 MB in steps. In one step they would block all other clients for half a second. */
import { Pace } from '../../embedded/event-loop.js'

/** More than any look at the clock waits for: after elements that may be of 400 KB, each is one. */
const LARGE = 64 * 1024
/** The items of a page have 1 MB together, so this many parts of it are small. */
const PARTS = 16

/** What `change` makes of each, yielding to the event loop between them where it takes long. */
export async function mapInSteps<From, To>(list: readonly From[], change: (it: From) => To): Promise<To[]> {
  const pace = new Pace()
  const changed: To[] = []
  for (const it of list) {
    changed.push(change(it))
    if (pace.isDue(list.length > PARTS * PARTS ? 0 : LARGE)) await pace.yield()
  }
  return changed
}

interface MaybeLong {
  readonly Items?: readonly object[]
  readonly Responses?: object
  /** Of a transaction that was refused, with the items as they are where it asks for them. */
  readonly CancellationReasons?: object
}

/** Whether an answer has many items, or items of several requests. */
export function isLong(output: MaybeLong): boolean {
  if (output.Items !== undefined && output.Items.length > 1) return true
  return output.Responses !== undefined || output.CancellationReasons !== undefined
}

/** The same text as `JSON.stringify` returns. */
export async function writeLong(output: object): Promise<string> {
  const pace = new Pace()
  const members: string[] = []
  for (const [name, value] of Object.entries(output)) {
    if (value === undefined) continue
    members.push(`${JSON.stringify(name)}:${await writeMember(name, value, pace)}`)
  }
  return `{${members.join(',')}}`
}

async function writeMember(name: string, value: unknown, pace: Pace): Promise<string> {
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

async function writeList(list: readonly object[], atOnce: number, pace: Pace): Promise<string> {
  const parts: string[] = []
  for (let i = 0; i < list.length; i += atOnce) {
    parts.push(JSON.stringify(list.slice(i, i + atOnce)).slice(1, -1))
    if (pace.isDue(LARGE)) await pace.yield()
  }
  return `[${parts.join(',')}]`
}
