/**
 * Estimates the number of entries in a range of keys from some of the pages of the data file, in a time that does not
 * depend on the number of entries. All leaves of LMDB's tree have the same depth, so the estimate takes the tree level by
 * level, and of a level with many pages only some, at equal distances.
 */
import { BRANCH, childOf, HEADER, LEAF, type Meta, NO_PAGE, NODE, nodesOf, readPage } from '../storage/data-file.js'
import type { Range } from '../storage/kv.js'

/**
 * Maximum number of pages read of each level. The numbers of entries in the leaves of one table usually vary by less than
 * half, so the error of this sample is a few percent.
 */
const SAMPLE = 512
/** Pages read between two yields: about a millisecond. */
const STEP = 128

/**
 * Estimates the entries of a range. The generator yields now and then, so that the caller can yield to the event loop.
 * @param file a descriptor open for reading. A reader of the same or an older snapshot must keep LMDB from overwriting the
 * pages meanwhile.
 * @returns the number, exact if no page was left out; undefined if a page cannot be read.
 */
export function* estimateEntries(file: number, { data }: Meta, range: Range): Generator<void, number | undefined> {
  if (data.root === NO_PAGE) return 0
  let level = [data.root]
  /** The number of pages of the whole level for each page that is read. */
  let weight = 1
  let read = 0
  for (;;) {
    const children: bigint[] = []
    let entries = 0
    for (const number of level) {
      if (++read % STEP === 0) yield
      const page = readPage(file, number)
      const nodes = page?.readBigUInt64LE(HEADER.numberAt) === number ? nodesOf(page) : undefined
      if (!page || !nodes) return undefined
      const kind = page.readUInt16LE(HEADER.kindAt)
      if (kind & LEAF) entries += entriesWithin(page, nodes, range)
      else if (kind & BRANCH) children.push(...childrenWithin(page, nodes, range))
      else return undefined
    }
    if (children.length === 0) return Math.round(entries * weight)
    level = sampleOf(children)
    weight *= children.length / level.length
  }
}

function entriesWithin(page: Buffer, nodes: readonly number[], { low, high }: Range): number {
  let [from, to] = [0, nodes.length]
  while (from < to && Buffer.compare(keyOf(page, nodes[from] as number), low) < 0) from++
  while (from < to && Buffer.compare(keyOf(page, nodes[to - 1] as number), high) >= 0) to--
  return to - from
}

/** The children whose keys can be within the range. The key of a child is its lowest, but the first has none. */
function childrenWithin(page: Buffer, nodes: readonly number[], { low, high }: Range): bigint[] {
  let [from, to] = [0, nodes.length]
  while (from + 1 < to && Buffer.compare(keyOf(page, nodes[from + 1] as number), low) <= 0) from++
  while (to - 1 > from && Buffer.compare(keyOf(page, nodes[to - 1] as number), high) >= 0) to--
  return nodes.slice(from, to).map(node => childOf(page, node))
}

function keyOf(page: Buffer, node: number): Buffer {
  return page.subarray(node + NODE.keyAt, node + NODE.keyAt + page.readUInt16LE(node + NODE.keyBytesAt))
}

function sampleOf(pages: readonly bigint[]): bigint[] {
  if (pages.length <= SAMPLE) return [...pages]
  const distance = pages.length / SAMPLE
  return Array.from({ length: SAMPLE }, (_, i) => pages[Math.floor((i + 0.5) * distance)] as bigint)
}
