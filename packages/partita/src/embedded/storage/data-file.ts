/**
 * Reads LMDB's data file without LMDB, to check that it is one and complete.
 *
 * The file begins with two meta pages. The one of the later transaction references the roots of two trees: free pages and
 * data. A page has a header with its number, its transaction and its kind, then the offsets of its nodes, relative to the
 * end of the header.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Name of the data file. */
export const DATA_FILE = 'data.mdb'
/** Size of a page. It allows keys of up to 4,026 bytes; the longest key of a store has less than 3,600. */
export const PAGE_BYTES = 8192
/** The root of an empty tree. */
export const NO_PAGE = 0xffff_ffff_ffff_ffffn
/** Flag of a branch page. */
export const BRANCH = 1
/** Flag of a leaf page. */
export const LEAF = 2
/** Flag of the first page of a large value. */
export const OVERFLOW = 4
const META_PAGE = 8
/** Flag of a leaf node whose value has its own pages. */
export const FAR_VALUE = 1
/** Offsets in a page header. */
export const HEADER = { bytes: 24, numberAt: 0, transactionAt: 8, kindAt: 18, nodeBytesAt: 20, overflowPagesAt: 20 }
/** Offsets in a node. */
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
/** Offsets in the description of a tree in a meta page. In that of the free pages, the first field is the page size. */
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

/** A tree as its meta page describes it. */
export interface Tree {
  /** {@link NO_PAGE} for an empty tree. */
  readonly root: bigint
  readonly branchPages: bigint
  readonly leafPages: bigint
  readonly overflowPages: bigint
  readonly entries: bigint
}

/** A meta page. */
export interface Meta {
  readonly free: Tree
  readonly data: Tree
  readonly lastPage: bigint
  readonly transaction: bigint
}

/** Returns the path of a store's data file. */
export function dataFileOf(folder: string): string {
  return join(folder, DATA_FILE)
}

/** Returns the problem of a data file, as a text that follows its name; undefined if there is none. */
export function dataFileProblem(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const newest = newestMeta(file)
    if (!newest) return fstatSync(file).size === 0 ? undefined : 'is not an LMDB file, or is damaged'
    // Read after the meta pages, since LMDB writes pages before the meta page that references them.
    const { size } = fstatSync(file)
    const pages = BigInt(Math.floor(size / PAGE_BYTES))
    // A transaction that allocated and freed a page may leave a shorter file; then the trees are checked.
    const isWhole =
      pages > newest.lastPage || [newest.free, newest.data].every(({ root }) => reaches(file, root, pages))
    return isWhole ? undefined : `is truncated (${size} bytes); restore it from a backup`
  } finally {
    closeSync(file)
  }
}

/** Returns the valid meta page of the later transaction. */
export function newestMeta(file: number): Meta | undefined {
  const [first, second] = [readMeta(file, 0), readMeta(file, 1)]
  if (!first || !second) return first ?? second
  return second.transaction > first.transaction ? second : first
}

/** Reads the transaction of one of the two meta pages, which commits use alternately. */
export function readTransactionOfMeta(file: number, page: number): number {
  readSync(file, transaction, 0, 8, page * PAGE_BYTES + META.transactionAt)
  return readNumber(transaction)
}

const transaction = Buffer.alloc(8)

/** Reads a number of 8 bytes below 2 ** 53. Twice as fast as with a bigint. */
export function readNumber(bytes: Buffer): number {
  return bytes.readUInt32LE(4) * 0x1_0000_0000 + bytes.readUInt32LE(0)
}

/** Returns the content of an empty data file, as LMDB creates it. */
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

/** Reads a page; undefined beyond the end of the file. */
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

/** Returns the offsets of the nodes of a page; undefined if one is outside of the page. */
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

/** Returns the number of the child page of a branch node. */
export function childOf(page: Buffer, node: number): bigint {
  return BigInt(page.readUIntLE(node, 6))
}

/** Returns the offset of the page reference of a {@link FAR_VALUE} node; undefined if it is outside of the page. */
export function farValueAt(page: Buffer, node: number): number | undefined {
  const at = node + NODE.keyAt + page.readUInt16LE(node + NODE.keyBytesAt)
  return at + 24 <= PAGE_BYTES ? at : undefined
}

/** Whether all pages of a tree are within the file. */
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
