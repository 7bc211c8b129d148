/** Files that appear whole or not at all. */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Names of unfinished files begin so; a folder that holds nothing else counts as empty. */
export const DRAFT_PREFIX = 'partita.json.'

/**
 * Creates a file if it does not exist; an existing one stays as it is. A process that dies meanwhile leaves a draft of
 * another name, and a full disk nothing.
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

/** Replaces a file in one step. */
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

/** Makes the names in a folder last through a power cut. */
export function syncFolder(folder: string): void {
  // Windows cannot open a folder, and keeps names by itself.
  if (process.platform !== 'win32') sync(folder, 'r')
}

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
 * A link is refused where the name is taken, in one step. On a file system without links two processes may both find the
 * name free; then the last one's file stays, and the other process finds its own gone at its first commit.
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
