/**
 * LMDB's file, read without LMDB: whether it is one, and whether all of it is there.
 *
 * It begins with two meta pages; the one of the later transaction leads to the roots of two trees, the free pages and
 * the data. Pages have a header with their number, the transaction that wrote them and their kind, then the offsets of
 * their nodes, which count from the header's end.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

export const DATA_FILE = 'data.mdb'
/** LMDB's keys may have 4,026 bytes with pages of this size; the longest key here has under 3,600. */
export const PAGE_BYTES = 8192
export const NO_PAGE = 0xffff_ffff_ffff_ffffn
/** Marks of pages. */
export const BRANCH = 1
export const LEAF = 2
export const OVERFLOW = 4
const META_PAGE = 8
/** A leaf's node whose value lies on pages of its own. */
export const FAR_VALUE = 1
export const HEADER = { bytes: 24, numberAt: 0, transactionAt: 8, kindAt: 18, nodeBytesAt: 20, overflowPagesAt: 20 }
export const NODE = { flagsAt: 4, keyBytesAt: 6, keyAt: 8 }

const META = {
  magicAt: 24,
  versionAt: 28,
  mapBytesAt: 40,
  freeAt: 48,
  dataAt: 96,
  lastPageAt: 144,
  transactionAt: 152,
}
/** Within what a meta page says of a tree. The free pages' tree has the size of pages in its first field. */
const TREE = {
  pageBytesAt: 0,
  flagsAt: 4,
  branchPagesAt: 8,
  leafPagesAt: 16,
  overflowPagesAt: 24,
  entriesAt: 32,
  rootAt: 40,
}
const MAGIC = 0xbeefc0de
const VERSION = 2
const INTEGER_KEYS = 8
const FIRST_MAP_BYTES = 0x20000

export interface Tree {
  /** {@link NO_PAGE} for an empty tree. */
  readonly root: bigint
  readonly branchPages: bigint
  readonly leafPages: bigint
  readonly overflowPages: bigint
  readonly entries: bigint
}

export interface Meta {
  readonly free: Tree
  readonly data: Tree
  readonly lastPage: bigint
  readonly transaction: bigint
}

export function dataFileOf(folder: string): string {
  return join(folder, DATA_FILE)
}

/** What is wrong with the file, to follow its name; undefined where nothing is. */
export function dataFileProblem(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const newest = newestMeta(file)
    if (!newest) return fstatSync(file).size === 0 ? undefined : 'is no LMDB file, or a damaged one'
    // After the metas: pages are written before the meta that leads to them.
    const { size } = fstatSync(file)
    const pages = BigInt(Math.floor(size / PAGE_BYTES))
    // A transaction that took a page and gave it back may end the file earlier; then the trees tell.
    const isWhole =
      pages > newest.lastPage || [newest.free, newest.data].every(({ root }) => reaches(file, root, pages))
    return isWhole ? undefined : `is cut short (${size} bytes); restore it from a backup`
  } finally {
    closeSync(file)
  }
}

/** The meta page that counts: that of the later transaction. */
export function newestMeta(file: number): Meta | undefined {
  const [first, second] = [readMeta(file, 0), readMeta(file, 1)]
  if (!first || !second) return first ?? second
  return second.transaction > first.transaction ? second : first
}

/** The transaction whose commit is on a meta page; there are two, which take turns. */
export function readTransactionOfMeta(file: number, page: number): number {
  readSync(file, transaction, 0, 8, page * PAGE_BYTES + META.transactionAt)
  return readNumber(transaction)
}

const transaction = Buffer.alloc(8)

/** A number of 8 bytes, far below 2 ** 53. Twice as fast as by way of a bigint. */
export function readNumber(bytes: Buffer): number {
  return bytes.readUInt32LE(4) * 0x1_0000_0000 + bytes.readUInt32LE(0)
}

/** A data file in which nothing was written yet, as LMDB makes it. */
export function emptyDataFile(): Buffer {
  const file = Buffer.alloc(2 * PAGE_BYTES)
  for (const number of [0, 1]) {
    const page = file.subarray(number * PAGE_BYTES, (number + 1) * PAGE_BYTES)
    page.writeBigUInt64LE(BigInt(number), HEADER.numberAt)
    page.writeUInt16LE(META_PAGE, HEADER.kindAt)
    page.writeUInt32LE(MAGIC, META.magicAt)
    page.writeUInt32LE(VERSION, META.versionAt)
    page.writeBigUInt64LE(BigInt(FIRST_MAP_BYTES), META.mapBytesAt)
    page.writeUInt32LE(PAGE_BYTES, META.freeAt + TREE.pageBytesAt)
    page.writeUInt16LE(INTEGER_KEYS, META.freeAt + TREE.flagsAt)
    for (const tree of [META.freeAt, META.dataAt]) page.writeBigUInt64LE(NO_PAGE, tree + TREE.rootAt)
    page.writeBigUInt64LE(1n, META.lastPageAt)
  }
  return file
}

export function readPage(file: number, page: bigint): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(PAGE_BYTES)
  return readSync(file, bytes, 0, PAGE_BYTES, Number(page) * PAGE_BYTES) === PAGE_BYTES ? bytes : undefined
}

function readMeta(file: number, number: number): Meta | undefined {
  const page = readPage(file, BigInt(number))
  if (page?.readUInt32LE(META.magicAt) !== MAGIC || page.readUInt32LE(META.versionAt) !== VERSION) return undefined
  if (page.readUInt32LE(META.freeAt + TREE.pageBytesAt) !== PAGE_BYTES) return undefined
  return {
    free: readTree(page, META.freeAt),
    data: readTree(page, META.dataAt),
    lastPage: page.readBigUInt64LE(META.lastPageAt),
    transaction: page.readBigUInt64LE(META.transactionAt),
  }
}

function readTree(page: Buffer, at: number): Tree {
  const number = (offset: number) => page.readBigUInt64LE(at + offset)
  return {
    root: number(TREE.rootAt),
    branchPages: number(TREE.branchPagesAt),
    leafPages: number(TREE.leafPagesAt),
    overflowPages: number(TREE.overflowPagesAt),
    entries: number(TREE.entriesAt),
  }
}

/** Where the nodes of a page begin; undefined where one lies outside of the page. */
export function nodesOf(page: Buffer): number[] | undefined {
  const nodes: number[] = []
  const count = page.readUInt16LE(HEADER.nodeBytesAt) / 2
  for (let i = 0; i < count; i++) {
    const at = HEADER.bytes + 2 * i
    const node = at + 2 <= PAGE_BYTES ? HEADER.bytes + page.readUInt16LE(at) : PAGE_BYTES
    if (node + NODE.keyAt > PAGE_BYTES) return undefined
    nodes.push(node)
  }
  return nodes
}

export function childOf(page: Buffer, node: number): bigint {
  return BigInt(page.readUIntLE(node, 6))
}

/** Where a leaf's node with a {@link FAR_VALUE} says on which pages that is; undefined where that is outside of the page. */
export function farValueAt(page: Buffer, node: number): number | undefined {
  const at = node + NODE.keyAt + page.readUInt16LE(node + NODE.keyBytesAt)
  return at + 24 <= PAGE_BYTES ? at : undefined
}

/** Whether all pages of a tree lie within the file. */
function reaches(file: number, root: bigint, pages: bigint): boolean {
  if (root === NO_PAGE) return true
  const waiting = [root]
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const page = number < pages ? readPage(file, number) : undefined
    const nodes = page && nodesOf(page)
    if (!nodes) return false
    const kind = page.readUInt16LE(HEADER.kindAt)
    for (const node of nodes) {
      if (kind & BRANCH) waiting.push(childOf(page, node))
      else if (kind & LEAF && page.readUInt16LE(node + NODE.flagsAt) & FAR_VALUE) {
        const value = farValueAt(page, node)
        if (value === undefined || page.readBigUInt64LE(value) >= pages) return false
      }
    }
  }
  return true
}
