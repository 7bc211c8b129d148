/**
 * Folders as DynamoDB exports a table to Amazon S3: `AWSDynamoDB/<id>/` with `manifest-summary.json`,
 * `manifest-files.json` and `data/*.json.gz`.
 */
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BadInput } from '../../failure.js'
import { unreadable } from '../../file/file-error.js'
import { verifyMd5 } from '../../file/md5.js'
import { readLines } from '../../json/json-lines.js'
import { sourceFile } from './file-source.js'
import type { Source, SourceFile } from './source.js'

/** A data file, as `manifest-files.json` lists it. */
export interface ManifestEntry {
  readonly itemCount: number
  /** Of the file, in base64. DynamoDB always writes it; a file without one is not verified. */
  readonly md5Checksum?: string
  readonly dataFileS3Key: string
}

/** The part of `manifest-summary.json` that is read. */
interface Summary {
  readonly outputFormat?: unknown
  readonly itemCount?: unknown
}

const SUMMARY = 'manifest-summary.json'
/** A summary has about a thousand bytes. */
const MAX_SUMMARY_BYTES = 1024 * 1024
const MAX_DEPTH = 4
/** The name of a data file, which is joined to a path of this machine. */
const DATA_FILE = /(?:^|\/)[\w=-][\w.=-]*$/

/**
 * A source of an export folder, or of a folder with one export inside.
 * @throws BadInput without a complete export, with several, or with one in another format.
 */
export async function s3Source(path: string): Promise<Source> {
  const folder = await exportFolder(path)
  const summary = await readSummary(join(folder, SUMMARY))
  if (summary.outputFormat !== 'DYNAMODB_JSON') {
    throw new BadInput(
      `${folder} is in the format ${JSON.stringify(summary.outputFormat)}; export the table as DYNAMODB_JSON`,
    )
  }
  const files: SourceFile[] = []
  const identity: unknown[] = []
  const entries = await readManifest(join(folder, 'manifest-files.json'))
  requireAllItems(entries, summary.itemCount, folder)
  for (const entry of entries) {
    // Only the name: the manifest may be from anywhere, and the folder may have been copied under another name.
    const file = join(folder, 'data', entry.dataFileS3Key.split('/').at(-1) as string)
    const found = await stat(file).catch(error => {
      throw unreadable(file, error)
    })
    const read = await sourceFile(file, found.size, { format: 'dynamodb-json' })
    const { md5Checksum } = entry
    files.push({ ...read, ...(md5Checksum !== undefined && { verify: () => verifyMd5(file, md5Checksum) }) })
    identity.push([entry.dataFileS3Key, found.size, found.mtimeMs])
  }
  return { name: path, format: 's3-export', files, identity: JSON.stringify(identity) }
}

/** A manifest that was copied in part lists fewer files, whose checksums are right. */
function requireAllItems(entries: readonly ManifestEntry[], expected: unknown, folder: string): void {
  const listed = entries.reduce((sum, { itemCount }) => sum + itemCount, 0)
  if (typeof expected !== 'number' || listed === expected) return
  const message = `${folder}/manifest-files.json lists files with ${listed} items, but the export has ${expected}; copy the export again`
  throw new BadInput(message, { path: folder })
}

async function exportFolder(path: string): Promise<string> {
  const found = await foldersWithSummary(path, MAX_DEPTH)
  const [folder, ...others] = found
  if (folder === undefined) {
    throw new BadInput(`${path} has no ${SUMMARY}, so it is not a complete export of DynamoDB to Amazon S3`, { path })
  }
  if (others.length > 0) throw new BadInput(`${path} holds several exports; name one of ${found.join(', ')}`, { path })
  return folder
}

async function foldersWithSummary(path: string, depth: number): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(error => {
    throw unreadable(path, error)
  })
  if (entries.some(entry => entry.name === SUMMARY)) return [path]
  if (depth === 0) return []
  const folders = entries.filter(entry => entry.isDirectory() && entry.name !== 'data').map(({ name }) => name)
  const found: string[] = []
  for (const name of folders.sort()) found.push(...(await foldersWithSummary(join(path, name), depth - 1)))
  return found
}

async function readSummary(path: string): Promise<Summary> {
  try {
    if ((await stat(path)).size > MAX_SUMMARY_BYTES) throw new BadInput(`${path} is too large for a manifest`)
    const summary: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof summary === 'object' && summary !== null) return summary
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw unreadable(path, error)
  }
  throw new BadInput(`${path} is not a manifest: it is no JSON object`, { path })
}

async function readManifest(path: string): Promise<ManifestEntry[]> {
  const entries: ManifestEntry[] = []
  try {
    for await (const { number, text } of readLines(createReadStream(path)))
      entries.push(manifestEntry(text, path, number))
  } catch (error) {
    throw unreadable(path, error)
  }
  return entries
}

function manifestEntry(text: string, path: string, line: number): ManifestEntry {
  try {
    const entry: Partial<ManifestEntry> = JSON.parse(text)
    const { itemCount, md5Checksum, dataFileS3Key } = entry
    const isEntry = typeof itemCount === 'number' && ['string', 'undefined'].includes(typeof md5Checksum)
    if (isEntry && typeof dataFileS3Key === 'string' && DATA_FILE.test(dataFileS3Key)) return entry as ManifestEntry
  } catch {
    // Reported below.
  }
  throw new BadInput(`${path}, line ${line}: not the entry of a data file`, { path, line })
}
