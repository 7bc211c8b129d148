/** The manifest of a dump: `partita-dump.json`, which is written last, so that a folder with one is complete. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PartitaError } from 'partita'
import { checkDefinition, type TableDefinition } from 'partita/store'
import { BadInput } from '../../failure.js'
import { unreadable, unwritable } from '../../file/file-error.js'
import { createPrivateFile } from '../../file/private-file.js'

/** One table of a dump. */
export interface DumpedTable {
  readonly definition: TableDefinition
  /** The name of its file in the folder: JSON Lines, compressed with gzip. */
  readonly file: string
  readonly items: number
  /** Of the file, in base64. */
  readonly md5: string
}

/** The content of the manifest. */
export interface DumpManifest {
  readonly format: 'partita-dump'
  readonly version: 1
  readonly createdAt: string
  readonly tables: readonly DumpedTable[]
}

/** Name of the manifest. */
export const MANIFEST = 'partita-dump.json'
/** Definitions of thousands of tables are far smaller. */
const MAX_BYTES = 64 * 1024 * 1024

/** @throws BadInput if the manifest cannot be written. */
export async function writeManifest(folder: string, manifest: DumpManifest): Promise<void> {
  const path = join(folder, MANIFEST)
  try {
    const file = await createPrivateFile(path)
    try {
      await file.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** @throws BadInput if the folder is no complete dump, or its manifest is damaged. */
export async function readManifest(folder: string): Promise<DumpManifest> {
  const path = join(folder, MANIFEST)
  let text: string
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new BadInput(`${path} is too large for a manifest`, { path })
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error)
    throw new BadInput(`${folder} has no ${MANIFEST}, so it is not a complete dump`, { path: folder }, error)
  }
  const manifest = parsed(text)
  if (manifest?.format !== 'partita-dump' || !Array.isArray(manifest.tables)) {
    throw new BadInput(`${path} is not the manifest of a dump`, { path })
  }
  if (manifest.version !== 1) {
    const version = manifest.version === undefined ? 'no version' : `the version ${JSON.stringify(manifest.version)}`
    throw new BadInput(`${path} has ${version}; this command reads version 1`, { path })
  }
  for (const table of manifest.tables) checkTable(table, path)
  return manifest as DumpManifest
}

function checkTable(table: unknown, path: string): void {
  const { definition, file, items, md5 } = (table ?? {}) as Partial<Record<keyof DumpedTable, unknown>>
  // Only a name: the file must be in the folder.
  const isFile = typeof file === 'string' && /^[\w-][\w.-]*$/.test(file)
  const isDefinition = typeof definition === 'object' && definition !== null && 'key' in definition
  if (!isFile || !isDefinition || !Number.isSafeInteger(items) || typeof md5 !== 'string') {
    throw new BadInput(`${path} is damaged: a table lacks its definition, file, items or md5`, { path })
  }
  try {
    checkDefinition(definition as TableDefinition)
  } catch (error) {
    // Another error than the library's is about a part that the definition lacks.
    const problem = error instanceof PartitaError ? error.message : 'its key or an index lacks its attributes'
    throw new BadInput(`${path} has an invalid definition of a table: ${problem}`, { path }, error)
  }
}

function parsed(text: string): Partial<DumpManifest> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
