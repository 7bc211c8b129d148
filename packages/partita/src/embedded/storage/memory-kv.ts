/** The ordered store of `memory()`: a B+ tree in this process. */
import sorted from 'sorted-btree'
import { yieldToEventLoop } from '../event-loop.js'
import { type Kv, openKv, type Range } from './kv.js'

/** Node's default import of a CommonJS module is its exports; in Bun and some bundlers it is their `default`. */
const BTree = sorted.default ?? (sorted as unknown as typeof sorted.default)

/** Keys are stored as Latin-1 text, which has the order of the bytes. */
type Tree = sorted.default<string, Uint8Array>

/** Opens an empty store in memory. */
export function openMemoryKv(): Kv {
  const written: Tree = new BTree(undefined, compareKeys)
  let shown = written
  let snapshot = 0

  return {
    get<T>(key: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined {
      const bytes = shown.get(textOf(key))
      return bytes && read(bytes)
    },
    each(range, visit) {
      for (const [, bytes] of entriesOf(shown, range)) if (!visit(bytes)) return
    },
    keys(range, limit, skipped = 0) {
      const keys: Uint8Array[] = []
      let left = skipped
      for (const [key] of entriesOf(shown, range)) {
        if (keys.length === limit) break
        if (left-- <= 0) keys.push(Buffer.from(key, 'latin1'))
      }
      return keys
    },
    count: ({ low, high }) => shown.forRange(textOf(low), textOf(high), false),
    put: (key, value) => void written.set(textOf(key), Buffer.from(value)),
    remove: key => void written.delete(textOf(key)),
    /** Synchronous, so no reader sees a part of it. */
    async transact(work) {
      snapshot++
      return work()
    },
    refresh: () => undefined,
    snapshot: () => snapshot,
    hold() {
      const held = written.clone()
      return {
        run(work) {
          shown = held
          try {
            return work()
          } finally {
            shown = written
          }
        },
        release: () => held.clear(),
      }
    },
    clearDeadReaders: () => undefined,
    dataFile: undefined,
    copyTo: folder => copyTree(written, folder),
    async close() {
      written.clear()
    },
  }
}

/** Entries written in one transaction: a few milliseconds. */
const STEP = 1000

async function copyTree(tree: Tree, folder: string): Promise<void> {
  const state = tree.clone()
  const kv = openKv(folder, { relaxed: true })
  try {
    for (let from: string | undefined = ''; from !== undefined; ) {
      from = await kv.transact(() => copyStep(state, kv, from as string))
      await yieldToEventLoop()
    }
  } finally {
    await kv.close()
    state.clear()
  }
}

/** @returns the key to continue from; undefined at the end. */
function copyStep(tree: Tree, kv: Kv, from: string): string | undefined {
  let entries = 0
  for (const [key, bytes] of tree.entries(from, [])) {
    if (entries++ === STEP) return key
    kv.put(Buffer.from(key, 'latin1'), bytes)
  }
  return undefined
}

function entriesOf(tree: Tree, { low, high, descending }: Range): Iterable<[string, Uint8Array]> {
  return descending ? downFrom(tree, textOf(high), textOf(low)) : upFrom(tree, textOf(low), textOf(high))
}

function* upFrom(tree: Tree, low: string, high: string): Iterable<[string, Uint8Array]> {
  for (const entry of tree.entries(low, [])) {
    if (entry[0] >= high) return
    yield entry
  }
}

function* downFrom(tree: Tree, high: string, low: string): Iterable<[string, Uint8Array]> {
  for (const entry of tree.entriesReversed(high, [], true)) {
    if (entry[0] < low) return
    yield entry
  }
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1
}

const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string
}

function textOf(key: Uint8Array): string {
  return latin1Slice.call(key, 0, key.length)
}
