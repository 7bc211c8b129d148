/**
 * Detects a data file that was copied by other means than `backup`, and checks whether the copy is intact.
 *
 * The marker file stores the identity of the data file: its inode and birth time. Both differ in a copy, which is therefore
 * checked once before LMDB opens it. The copy of an unused store is intact. The copy of a store in use mixes pages of
 * several states, and LMDB would show an empty or wrong store, or crash.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { walkTrees } from '../read/page-walk.js'
import { HEADER, newestMeta, PAGE_BYTES } from './data-file.js'

/** Identifies a file. Numbers are stored as text, since they may exceed the exact range of a double. */
export interface FileIdentity {
  readonly inode: string
  /** Birth time in nanoseconds since 1970; 0 on file systems that do not store it. */
  readonly born: string
}

/** Returns the identity of a file. Throws the file system's error. */
export function identityOf(path: string): FileIdentity {
  const { ino, birthtimeNs, ctimeNs } = statSync(path, { bigint: true })
  // Some systems return the time of the last change instead of an unknown birth time. It would change with each write.
  return { inode: `${ino}`, born: birthtimeNs === ctimeNs ? '0' : `${birthtimeNs}` }
}

/** Whether two identities are equal. */
export function isSameFile(a: FileIdentity | undefined, b: FileIdentity): boolean {
  return a?.inode === b.inode && (a.born === b.born || a.born === '0' || b.born === '0')
}

/**
 * Returns why a copied data file cannot be used; undefined if it is intact. Reads the whole file.
 *
 * A copy is made from front to back, so its meta pages, at the front, are older than the rest. Let N be their transaction.
 * Transaction N + 1 writes to pages that are free in N and does no harm, whether it was committed or not. N + 2 may
 * overwrite pages that N uses. The copy is therefore intact unless it contains a page of N + 2 or later. The walk through
 * the trees finds the damage of other ways of copying.
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
    const [problem] = step.value
    return problem && `is damaged (${problem})`
  } finally {
    closeSync(file)
  }
}

const CHUNK_PAGES = 128
/** No store reaches this number of transactions; a higher number is part of a large value. */
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
