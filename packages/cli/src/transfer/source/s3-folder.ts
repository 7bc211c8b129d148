/**
 * Folders as DynamoDB exports a table to Amazon S3: `AWSDynamoDB/<id>/` with `manifest-summary.json`,
 * `manifest-files.json` and `data/*.json.gz`. The data of incremental exports is in `AWSDynamoDB/data`, which they share.
 */
import { createReadStream, existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { BadInput } from '../../failure.js'
import { unreadable } from '../../file/file-error.js'
import { verifyMd5 } from '../../file/md5.js'
import { readLines } from '../../json/json-lines.js'
import { amount } from '../../terminal/progress.js'
import type { Entry } from '../format/entry.js'
import { skipBefore, sourceFile } from './file-source.js'
import { FILE_START, type Source, type SourceFile } from './source.js'

/** A data file, as `manifest-files.json` lists it. */
export interface ManifestEntry {
  /** The items in the file. DynamoDB always writes it, and the checksum; a file is verified by what is there. */
  readonly itemCount?: number
  /** Of the file, in base64. */
  readonly md5Checksum?: string
  readonly dataFileS3Key: string
}

/** The part of `manifest-summary.json` that is read. */
interface Summary {
  readonly outputFormat?: unknown
  readonly exportType?: unknown
  readonly itemCount?: unknown
}

const SUMMARY = 'manifest-summary.json'
const FILES = 'manifest-files.json'
/** A summary has about a thousand bytes. */
const MAX_SUMMARY_BYTES = 1024 * 1024
/** The extensions of the files with the checksums of manifests: the real one, and that of AWS's documentation. */
const CHECKSUM_EXTENSIONS = ['md5', 'checksum']
const BASE64_MD5 = /^[\w+/]{22}==$/
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
  const { outputFormat, itemCount } = summary
  if (outputFormat !== 'DYNAMODB_JSON') {
    const format = outputFormat === undefined ? `a format that ${SUMMARY} does not name` : JSON.stringify(outputFormat)
    throw new BadInput(`${folder} is in ${format}, which cannot be read; export the table as DYNAMODB_JSON`, {
      path: folder,
    })
  }
  const entries = await readManifest(join(folder, FILES))
  requireAllItems(entries, itemCount, folder)
  const files: SourceFile[] = []
  const identity: unknown[] = []
  for (const entry of entries) {
    const file = dataFile(folder, summary, entry)
    const found = await stat(file).catch(error => {
      throw unreadable(file, error)
    })
    files.push(verified(await sourceFile(file, found.size, { format: 'dynamodb-json' }), file, entry))
    identity.push([entry.dataFileS3Key, found.size, found.mtimeMs])
  }
  return { name: path, format: 's3-export', files, identity: JSON.stringify(identity) }
}

/**
 * The path of a data file. Only the name is taken from the manifest, which may be from anywhere; and the folder may have
 * been copied under another name.
 */
function dataFile(folder: string, { exportType }: Summary, { dataFileS3Key }: ManifestEntry): string {
  const name = dataFileS3Key.split('/').at(-1) as string
  const own = join(folder, 'data', name)
  const isShared = exportType === 'INCREMENTAL_EXPORT' && !existsSync(own)
  return isShared ? join(dirname(resolve(folder)), 'data', name) : own
}

/** The file with the checks of its manifest: of its bytes before it is read, and of its items when it was read. */
function verified(file: SourceFile, path: string, { itemCount, md5Checksum }: ManifestEntry): SourceFile {
  return {
    ...file,
    ...(md5Checksum !== undefined && { verify: () => verifyMd5(path, md5Checksum) }),
    open(from) {
      // All items are counted, so the file is read from its beginning, as compressed data is anyway.
      const opened = file.open(FILE_START)
      return { ...opened, entries: skipBefore(counted(opened.entries, path, itemCount), from.offset) }
    },
  }
}

/** @throws BadInput after the last entry, if there are more or fewer than the manifest says. */
async function* counted(entries: AsyncIterable<Entry>, path: string, expected: number | undefined) {
  let found = 0
  for await (const entry of entries) {
    found++
    yield entry
  }
  if (expected === undefined || found === expected) return
  throw new BadInput(`${path} has ${amount(found)}, but ${FILES} says ${expected}; copy the export again`, { path })
}

/** A manifest that was copied in part lists fewer files, whose checksums are right. */
function requireAllItems(entries: readonly ManifestEntry[], expected: unknown, folder: string): void {
  const listed = entries.reduce((sum, { itemCount = Number.NaN }) => sum + itemCount, 0)
  if (typeof expected !== 'number' || Number.isNaN(listed) || listed === expected) return
  const message = `${folder}/${FILES} lists files with ${amount(listed)}, but the export has ${expected}; copy the export again`
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
    await verifyManifest(path)
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
    await verifyManifest(path)
    for await (const { number, text } of readLines(createReadStream(path)))
      entries.push(manifestEntry(text, path, number))
  } catch (error) {
    throw unreadable(path, error)
  }
  return entries
}

/** @throws BadInput if a manifest differs from the checksum beside it. */
async function verifyManifest(path: string): Promise<void> {
  for (const extension of CHECKSUM_EXTENSIONS) {
    const beside = path.replace(/json$/, extension)
    if (!existsSync(beside) || (await stat(beside)).size > MAX_SUMMARY_BYTES) continue
    const checksum = (await readFile(beside, 'utf8')).trim()
    if (BASE64_MD5.test(checksum)) await verifyMd5(path, checksum, beside)
  }
}

function manifestEntry(text: string, path: string, line: number): ManifestEntry {
  try {
    const entry: Partial<ManifestEntry> = JSON.parse(text)
    const { itemCount, md5Checksum, dataFileS3Key } = entry
    const isCount = itemCount === undefined || (Number.isSafeInteger(itemCount) && itemCount >= 0)
    const isEntry = isCount && ['string', 'undefined'].includes(typeof md5Checksum)
    if (isEntry && typeof dataFileS3Key === 'string' && DATA_FILE.test(dataFileS3Key)) return entry as ManifestEntry
  } catch {
    // Reported below.
  }
  throw new BadInput(`${path}, line ${line}: not the entry of a data file`, { path, line })
}
