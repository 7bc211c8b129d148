/** Folders for the bench. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A temporary folder for a store, deleted when the bench ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partita-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder for generated programs: in the repository, so that they find its packages, but ignored by Git. */
export function programFolder(name: string): string {
  const folder = fileURLToPath(new URL(`../../.cache/bench/${name}/`, import.meta.url))
  mkdirSync(folder, { recursive: true })
  return folder
}
