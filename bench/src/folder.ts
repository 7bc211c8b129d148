/** Folders that the bench works in. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** For the stores under measurement, on the disk of the system's temporary folder; gone when the bench ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partita-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** For generated programs: inside the repository, so that they find its packages, where nothing is ever committed. */
export function programFolder(name: string): string {
  const folder = fileURLToPath(new URL(`../../.cache/bench/${name}/`, import.meta.url))
  mkdirSync(folder, { recursive: true })
  return folder
}
