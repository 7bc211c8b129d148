/** Creates and replaces files atomically. */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Prefix of unfinished files. A folder with no other files counts as empty. */
export const DRAFT_PREFIX = 'partita.json.'

/**
 * Creates a file if it does not exist; an existing file is not changed. A crash leaves a draft of another name, a full disk
 * leaves nothing.
 */
export function createFile(path: string, content: Uint8Array): void {
  if (existsSync(path)) return
  const draft = draftOf(path)
  try {
    writeFileSync(draft, content, { flag: 'wx', flush: true })
    link(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Replaces a file atomically. */
export function replaceFile(path: string, content: string): void {
  const draft = draftOf(path)
  try {
    writeFileSync(draft, content, { flag: 'wx', flush: true })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Flushes the names in a folder to disk. */
export function syncFolder(folder: string): void {
  // Windows cannot open folders, and flushes names itself.
  if (process.platform !== 'win32') sync(folder, 'r')
}

/** Flushes a file to disk. */
export function syncFile(path: string): void {
  sync(path, 'r+')
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Creating a link fails atomically if the name exists. On a file system without links, two processes may both find the name
 * unused; then the last file remains, and the other process detects the loss of its own at its first commit.
 */
function link(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !existsSync(path)) renameSync(draft, path)
  }
}

function draftOf(path: string): string {
  return join(dirname(path), `${DRAFT_PREFIX}${basename(path)}.${randomUUID()}`)
}
