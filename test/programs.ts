/** Runs programs of documentation as a user would who has installed the packages. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Makes a folder for programs. It is inside the repository, where Node finds the packages as it does for a user. */
export function programFolder(name: string): string {
  mkdirSync(join(root, '.cache'), { recursive: true })
  return mkdtempSync(join(root, '.cache', `${name}-`))
}

/**
 * Runs modules one after the other in one process, which loads the library once.
 *
 * @returns for each module `ok` or the stack of its error.
 */
export function runPrograms(files: readonly string[]): string[] {
  const run = spawnSync(process.execPath, [join(root, 'test/run-blocks.mjs'), ...files], { encoding: 'utf8' })
  return JSON.parse(run.stderr.slice(run.stderr.lastIndexOf('["'))) as string[]
}
