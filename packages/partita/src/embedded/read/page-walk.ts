/**
 * Checks the trees of a data file page by page, without LMDB, which trusts every page and would crash on a damaged one.
 *
 * LMDB never writes to a page that the newest meta page references: a transaction writes to free pages only. Every page of
 * an intact file was therefore written by the meta page's transaction or an earlier one, and has its own number in its
 * header.
 */
import { fstatSync } from 'node:fs'
import {
  BRANCH,
  childOf,
  FAR_VALUE,
  farValueAt,
  HEADER,
  LEAF,
  type Meta,
  NO_PAGE,
  NODE,
  nodesOf,
  OVERFLOW,
  PAGE_BYTES,
  readPage,
  type Tree,
} from '../storage/data-file.js'

/** Pages read between two yields: a few milliseconds. */
const STEP = 256
/** Maximum number of problems that a walk reports. */
const MAX_PROBLEMS = 100
/** Length of a key of the tree of free pages. */
const INTEGER_BYTES = 8

/**
 * Returns the problems of the trees of a meta page. The generator yields now and then, so that the caller can yield to the
 * event loop.
 * @param file a descriptor open for reading. A reader of the same or an older snapshot must keep LMDB from overwriting the
 * pages during the walk.
 */
export function* walkTrees(file: number, meta: Meta): Generator<void, string[]> {
  const walk = new Walk(file, meta)
  yield* walk.tree('free pages', meta.free, { compare: compareIntegers, bytes: INTEGER_BYTES })
  yield* walk.tree('data', meta.data, { compare: Buffer.compare })
  return walk.problems
}

/** The order of the keys of a tree, and their length if all have the same. */
interface Order {
  readonly compare: (a: Buffer, b: Buffer) => number
  readonly bytes?: number
}

class Walk {
  readonly problems: string[] = []
  readonly #file: number
  readonly #meta: Meta
  readonly #pages: bigint
  readonly #seen: Uint8Array
  #counts = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n }
  #lastKey: Buffer | undefined
  #steps = 0

  constructor(file: number, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.#pages = BigInt(Math.floor(fstatSync(file).size / PAGE_BYTES))
    this.#seen = new Uint8Array(Number(this.#pages) / 8 + 1)
  }

  *tree(name: string, tree: Tree, order: Order): Generator<void> {
    this.#counts = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n }
    this.#lastKey = undefined
    if (tree.root !== NO_PAGE) yield* this.#visit(tree.root, this.#meta.transaction, order)
    if (this.problems.length > 0) return
    for (const [what, count] of Object.entries(this.#counts)) {
      const expected = tree[what as keyof Tree]
      if (count !== expected) this.problems.push(`the tree of ${name} has ${count} ${what} instead of ${expected}`)
    }
  }

  /** @param newest the transaction of the parent page, which is rewritten with each change of a child. */
  *#visit(number: bigint, newest: bigint, order: Order): Generator<void> {
    if (this.problems.length >= MAX_PROBLEMS) return
    if (++this.#steps % STEP === 0) yield
    const page = this.#take(number, newest)
    if (!page) return
    const kind = page.readUInt16LE(HEADER.kindAt)
    const nodes = nodesOf(page)
    if (!nodes || !(kind & (BRANCH | LEAF))) {
      this.#report(number, 'is not a page of a tree')
      return
    }
    const transaction = page.readBigUInt64LE(HEADER.transactionAt)
    if (kind & BRANCH) {
      this.#counts.branchPages++
      for (const node of nodes) yield* this.#visit(childOf(page, node), transaction, order)
      return
    }
    this.#counts.leafPages++
    this.#counts.entries += BigInt(nodes.length)
    for (const node of nodes) this.#checkEntry(number, page, node, order)
  }

  #checkEntry(number: bigint, page: Buffer, node: number, order: Order): void {
    const key = page.subarray(node + NODE.keyAt, node + NODE.keyAt + page.readUInt16LE(node + NODE.keyBytesAt))
    if (key.length !== (order.bytes ?? key.length)) {
      this.#report(number, `holds a key of ${key.length} bytes`)
      return
    }
    if (this.#lastKey && order.compare(this.#lastKey, key) >= 0)
      this.#report(number, 'holds keys that are out of order')
    this.#lastKey = Buffer.from(key)
    if (!(page.readUInt16LE(node + NODE.flagsAt) & FAR_VALUE)) return
    const at = farValueAt(page, node)
    if (at === undefined) {
      this.#report(number, 'holds a value beyond its end')
      return
    }
    const first = page.readBigUInt64LE(at)
    const count = BigInt(page.readUInt32LE(at + 16))
    const head = this.#take(first, this.#meta.transaction)
    if (!head) return
    if (!(head.readUInt16LE(HEADER.kindAt) & OVERFLOW) || BigInt(head.readUInt32LE(HEADER.overflowPagesAt)) !== count) {
      this.#report(first, `is not the first of the ${count} pages of a value`)
      return
    }
    this.#counts.overflowPages += count
    for (let more = first + 1n; more < first + count && this.problems.length < MAX_PROBLEMS; more++) this.#use(more)
  }

  /** Reads a page and checks its number and transaction. */
  #take(number: bigint, newest: bigint): Buffer | undefined {
    if (!this.#use(number)) return undefined
    const page = readPage(this.#file, number)
    if (page?.readBigUInt64LE(HEADER.numberAt) !== number) return this.#report(number, 'is another page')
    const transaction = page.readBigUInt64LE(HEADER.transactionAt)
    if (transaction > newest) return this.#report(number, `was written by transaction ${transaction}, after ${newest}`)
    return page
  }

  /** Records the use of a page. @returns whether it exists and is not used yet. */
  #use(number: bigint): boolean {
    if (number >= this.#pages) {
      this.#report(number, 'is beyond the end of the file')
      return false
    }
    const [at, bit] = [Number(number >> 3n), 1 << Number(number & 7n)]
    const isFirst = !((this.#seen[at] as number) & bit)
    this.#seen[at] = (this.#seen[at] as number) | bit
    if (!isFirst) this.#report(number, 'is used twice')
    return isFirst
  }

  #report(number: bigint, problem: string): undefined {
    this.problems.push(`page ${number} ${problem}`)
  }
}

/** Compares keys of the tree of free pages: transaction numbers in the byte order of the machine. */
function compareIntegers(a: Buffer, b: Buffer): number {
  const [x, y] = [a.readBigUInt64LE(), b.readBigUInt64LE()]
  return x < y ? -1 : x === y ? 0 : 1
}
