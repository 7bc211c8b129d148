/**
 * Recognises a data file that was copied by other means than `backup`, and finds out whether the copy is whole.
 *
 * The store's marker says which file was made, restored or checked here: its inode and when that began. In a copy both
 * differ, so it is checked once, before LMDB opens it: a copy of a store that nobody wrote meanwhile is whole, while one
 * of a store in use mixes pages of several states, which LMDB would show as an empty or wrong store, or crash on.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { walkTrees } from '../read/page-walk.js'
import { HEADER, newestMeta, PAGE_BYTES } from './data-file.js'

/** Tells a file from its copies. As text: both numbers may be larger than a double holds exactly. */
export interface FileIdentity {
  readonly inode: string
  /** Nanoseconds since 1970; 0 on file systems that do not keep it. */
  readonly born: string
}

export function identityOf(path: string): FileIdentity {
  const { ino, birthtimeNs, ctimeNs } = statSync(path, { bigint: true })
  // Some systems give the last change where the birth is not known, which would make every file another.
  return { inode: `${ino}`, born: birthtimeNs === ctimeNs ? '0' : `${birthtimeNs}` }
}

export function isSameFile(a: FileIdentity | undefined, b: FileIdentity): boolean {
  return a?.inode === b.inode && (a.born === b.born || a.born === '0' || b.born === '0')
}

/**
 * Why a copied data file cannot be used; undefined where it is whole. Reads all of the file.
 *
 * A copy is read from front to back, so its meta pages, in front, are older than the rest. Let them be of transaction N.
 * Transaction N + 1 writes to pages that are free in N, so it does no harm, whether it was committed or its process died;
 * N + 2 may overwrite pages that N uses. So the copy is whole unless a page of N + 2, or a later one, is anywhere in it.
 * The walk through the trees finds what other ways of copying get wrong.
 */
export function copyProblem(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const meta = newestMeta(file)
    if (!meta) return undefined
    if (hasPageFrom(file, meta.transaction + 2n)) return 'was being written while it was copied'
    const walk = walkTrees(file, meta)
    let step = walk.next()
    while (!step.done) step = walk.next()
    const [fault] = step.value
    return fault && `is not whole (${fault})`
  } finally {
    closeSync(file)
  }
}

const CHUNK_PAGES = 128
/** No store reaches this number of transactions: a higher one is a part of a large value. */
const LAST_TRANSACTION = 2n ** 48n

function hasPageFrom(file: number, transaction: bigint): boolean {
  const chunk = Buffer.allocUnsafe(CHUNK_PAGES * PAGE_BYTES)
  for (let first = 0; ; first += CHUNK_PAGES) {
    const bytes = readSync(file, chunk, 0, chunk.length, first * PAGE_BYTES)
    for (let at = 0; at + HEADER.bytes <= bytes; at += PAGE_BYTES) {
      const number = BigInt(first + at / PAGE_BYTES)
      if (number < 2n || chunk.readBigUInt64LE(at + HEADER.numberAt) !== number) continue
      const writer = chunk.readBigUInt64LE(at + HEADER.transactionAt)
      if (writer >= transaction && writer < LAST_TRANSACTION) return true
    }
    if (bytes < chunk.length) return false
  }
}
