/**
 * LMDB's file, read without LMDB: whether it is one, and whether all of it is there.
 *
 * It begins with two meta pages; the one of the later transaction leads to the roots of two trees, the free pages and
 * the data. Pages have a header with their kind, then the places of their nodes, which count from the header's end.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const PAGE_BYTES = 8192
const META = {
  magicAt: 24,
  versionAt: 28,
  pageBytesAt: 48,
  freeRootAt: 88,
  rootAt: 136,
  lastPageAt: 144,
  transactionAt: 152,
}
const MAGIC = 0xbeefc0de
const VERSION = 2
const NO_PAGE = 0xffff_ffff_ffff_ffffn

const HEADER_BYTES = 24
const KIND_AT = 18
const NODE_BYTES_AT = 20
const BRANCH = 1
const LEAF = 2
const NODE = { flagsAt: 4, keyBytesAt: 6, keyAt: 8 }
/** A leaf's node whose value lies on pages of its own. */
const FAR_VALUE = 1

interface Meta {
  readonly roots: readonly bigint[]
  readonly lastPage: bigint
  readonly transaction: bigint
}

/** What is wrong with the file, to follow its name; undefined where nothing is. */
export function dataFileFault(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).size === 0) return undefined
    const metas = [readMeta(file, 0), readMeta(file, 1)].filter(meta => meta !== undefined)
    const [first, second] = metas
    if (!first) return 'is no LMDB file, or a damaged one'
    const newest = second && second.transaction > first.transaction ? second : first
    // After the metas: pages are written before the meta that leads to them.
    const { size } = fstatSync(file)
    const pages = BigInt(Math.floor(size / PAGE_BYTES))
    // A transaction that took a page and gave it back may end the file earlier; then the trees tell.
    const isWhole = pages > newest.lastPage || newest.roots.every(root => reaches(file, root, pages))
    return isWhole ? undefined : `is cut short (${size} bytes); restore it from a backup`
  } finally {
    closeSync(file)
  }
}

function readMeta(file: number, page: number): Meta | undefined {
  const bytes = readPage(file, BigInt(page))
  if (bytes?.readUInt32LE(META.magicAt) !== MAGIC || bytes.readUInt32LE(META.versionAt) !== VERSION) return undefined
  if (bytes.readUInt32LE(META.pageBytesAt) !== PAGE_BYTES) return undefined
  return {
    roots: [bytes.readBigUInt64LE(META.freeRootAt), bytes.readBigUInt64LE(META.rootAt)],
    lastPage: bytes.readBigUInt64LE(META.lastPageAt),
    transaction: bytes.readBigUInt64LE(META.transactionAt),
  }
}

/** Whether all pages of a tree lie within the file. */
function reaches(file: number, root: bigint, pages: bigint): boolean {
  if (root === NO_PAGE) return true
  const waiting = [root]
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    const bytes = page < pages ? readPage(file, page) : undefined
    if (!bytes) return false
    const kind = bytes.readUInt16LE(KIND_AT)
    const nodes = bytes.readUInt16LE(NODE_BYTES_AT) / 2
    for (let i = 0; i < nodes && i < PAGE_BYTES / 4; i++) {
      const node = HEADER_BYTES + bytes.readUInt16LE(HEADER_BYTES + 2 * i)
      if (node + NODE.keyAt > PAGE_BYTES) return false
      if (kind & BRANCH) waiting.push(BigInt(bytes.readUIntLE(node, 6)))
      else if (kind & LEAF && bytes.readUInt16LE(node + NODE.flagsAt) & FAR_VALUE) {
        const value = node + NODE.keyAt + bytes.readUInt16LE(node + NODE.keyBytesAt)
        if (value + 8 > PAGE_BYTES || bytes.readBigUInt64LE(value) >= pages) return false
      }
    }
  }
  return true
}

function readPage(file: number, page: bigint): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(PAGE_BYTES)
  const count = readSync(file, bytes, 0, PAGE_BYTES, (page * BigInt(PAGE_BYTES)) as unknown as number)
  return count === PAGE_BYTES ? bytes : undefined
}
