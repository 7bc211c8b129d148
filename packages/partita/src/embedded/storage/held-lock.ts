/**
 * Detects that this process has lost LMDB's lock on the lock file.
 *
 * POSIX releases all locks of a process on a file when it closes any descriptor of the file. A program does so that copies the
 * folder of a store which it has open. Other processes would then consider it dead, create the locks again, and write at the
 * same time.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { openLockFile } from './lock-file.js'

/** The lock of this process on a lock file. Only Linux tells whether it exists; elsewhere it counts as held. */
export class HeldLock {
  /** Lists the locks of LMDB's descriptor. */
  readonly #list: number | undefined

  /** @param folder the folder of a store that LMDB has just opened. */
  constructor(folder: string) {
    this.#list = openList(openLockFile(folder)?.descriptor)
  }

  /** Whether this process still has the lock. */
  isHeld(): boolean {
    return this.#list === undefined || hasLock(this.#list)
  }

  close(): void {
    if (this.#list !== undefined) closeSync(this.#list)
  }
}

/** Whether this system is known to list locks. Some that run programs of Linux have the list without locks. */
let isListed = false

/**
 * Returns undefined where the system has no such list. The lock may be lost already: LMDB's file stays open, without it, while
 * another thread has the store open.
 */
function openList(descriptor: number | undefined): number | undefined {
  if (process.platform !== 'linux' || descriptor === undefined) return undefined
  let list: number | undefined
  try {
    list = openSync(`/proc/self/fdinfo/${descriptor}`, 'r')
    isListed ||= hasLock(list)
    if (isListed) return list
  } catch {
    // Without the list, nothing can be detected.
  }
  if (list !== undefined) closeSync(list)
  return undefined
}

/** LMDB locks the first byte for reading while it has the file open. Its other lock is one for writing. */
function hasLock(list: number): boolean {
  const bytes = readSync(list, text, 0, text.length, 0)
  return text.subarray(0, bytes).includes('READ')
}

const text = Buffer.alloc(1024)
