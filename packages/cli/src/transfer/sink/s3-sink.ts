/** Exports to a folder as DynamoDB writes it to Amazon S3, for tools that read such exports. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Item } from 'partita'
import { BadInput, Usage } from '../../failure.js'
import { Checkpoint } from '../../file/checkpoint.js'
import { unwritable } from '../../file/file-error.js'
import { md5Of } from '../../file/md5.js'
import { continueFile, createPrivateFile, writeAt } from '../../file/private-file.js'
import { printTypedItem } from '../format/dynamodb-json.js'
import type { ManifestEntry } from '../source/s3-folder.js'
import { gzipMember } from './line-sink.js'
import type { Sink } from './sink.js'

/** Options of {@link s3Sink}. */
export interface S3Export {
  /** The name of the table. */
  readonly table: string
  /** Identifies the export, so that it is not resumed with another store or table. */
  readonly what: string
  readonly resume: boolean
}

interface S3State {
  readonly what: string
  readonly id: string
  readonly startTime: string
  /** Undefined when everything was read. */
  readonly next?: string
  readonly items: number
  readonly done: readonly ManifestEntry[]
  /** The last data file. */
  readonly fileItems: number
  readonly fileBytes: number
}

/** A data file is complete when it has this many bytes. */
const FILE_BYTES = 64 * 1024 * 1024

/**
 * Opens a folder for an export. It counts as complete when it has a `manifest-summary.json`, which is written last.
 * @throws Usage if the folder is not empty, or the stopped export was of another table; BadInput if it cannot be written.
 */
export async function s3Sink(path: string, { table, what, resume }: S3Export): Promise<Sink> {
  const checkpoint = new Checkpoint(`${path}.partita-export`, isS3State, { isExclusive: true })
  const state = resume ? await checkpoint.load() : undefined
  if (state && state.what !== what) {
    throw new Usage(`the stopped export to ${path} was of ${state.what}; start without --resume`)
  }
  if (!state) await requireEmpty(path)
  let current: S3State = state ?? {
    what,
    id: `${String(Date.now()).padStart(14, '0')}-${randomBytes(4).toString('hex')}`,
    startTime: new Date().toISOString(),
    items: 0,
    done: [],
    fileItems: 0,
    fileBytes: 0,
  }
  const prefix = `AWSDynamoDB/${current.id}`
  const folder = join(path, 'AWSDynamoDB', current.id)
  const dataName = () => `part-${String(current.done.length + 1).padStart(5, '0')}.json.gz`
  let file: FileHandle | undefined

  const append = async (text: string, items: number) => {
    const bytes = gzipMember(text)
    try {
      file ??= await openData(join(folder, 'data', dataName()), current.fileBytes)
      await writeAt(file, bytes, current.fileBytes)
    } catch (error) {
      throw unwritable(folder, error)
    }
    current = { ...current, fileItems: current.fileItems + items, fileBytes: current.fileBytes + bytes.length }
  }

  const completeFile = async () => {
    if (current.fileItems === 0) return
    await checkpoint.requireOwn()
    await file?.close()
    file = undefined
    const entry = {
      itemCount: current.fileItems,
      md5Checksum: await md5Of(join(folder, 'data', dataName())),
      dataFileS3Key: `${prefix}/data/${dataName()}`,
    }
    current = { ...current, done: [...current.done, entry], fileItems: 0, fileBytes: 0 }
  }

  try {
    await mkdir(join(folder, 'data'), { recursive: true })
  } catch (error) {
    throw unwritable(path, error)
  }
  if (state) await checkpoint.save(state)
  return {
    resumed: state && { next: state.next, items: state.items },
    async write(items: readonly Item[]) {
      if (items.length === 0) return
      await append(items.map(item => `{"Item":${printTypedItem(item)}}\n`).join(''), items.length)
      if (current.fileBytes >= FILE_BYTES) await completeFile()
    },
    async remember(next, items, when) {
      const { next: _, ...rest } = current
      const saved = { ...rest, items, ...(next !== undefined && { next }) }
      current = saved
      await checkpoint.saveIfPossible(saved, when)
      return 'resume'
    },
    async finish() {
      await completeFile()
      const files = current.done.map(entry => `${JSON.stringify(entry)}\n`).join('')
      await writeWithChecksum(folder, 'manifest-files', files)
      await writeWithChecksum(folder, 'manifest-summary', `${JSON.stringify(summaryOf(current, table, prefix))}\n`)
      await checkpoint.remove()
    },
    close: async () => file?.close(),
  }
}

async function requireEmpty(path: string): Promise<void> {
  const entries = await readdir(path).catch(error => {
    if (error.code === 'ENOENT') return []
    throw unwritable(path, error)
  })
  if (entries.length > 0) throw new Usage(`the folder ${path} is not empty; name another`)
}

/** Opens a data file, without what was written after the last checkpoint. */
async function openData(path: string, bytes: number): Promise<FileHandle> {
  if (bytes === 0) return createPrivateFile(path)
  const file = await continueFile(path, bytes)
  if (file) return file
  throw new BadInput(`${path} is shorter than it was; remove the folder and start without --resume`, { path })
}

async function writeWithChecksum(folder: string, name: string, text: string): Promise<void> {
  const files = [
    [`${name}.md5`, createHash('md5').update(text).digest('base64')],
    [`${name}.json`, text],
  ] as const
  for (const [file, content] of files) {
    const path = join(folder, file)
    try {
      const handle = await createPrivateFile(path)
      try {
        await handle.writeFile(content)
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw unwritable(path, error)
    }
  }
}

/** The members that AWS documents. Those of an account have the values of a store on this machine. */
function summaryOf({ id, startTime, items }: S3State, table: string, prefix: string): object {
  const tableArn = `arn:aws:dynamodb:local:000000000000:table/${table}`
  return {
    version: '2020-06-30',
    exportArn: `${tableArn}/export/${id}`,
    startTime,
    endTime: new Date().toISOString(),
    tableArn,
    tableId: randomUUID(),
    exportTime: startTime,
    s3Bucket: 'local',
    s3Prefix: null,
    s3SseAlgorithm: null,
    s3SseKmsKeyId: null,
    manifestFilesS3Key: `${prefix}/manifest-files.json`,
    billedSizeBytes: 0,
    itemCount: items,
    outputFormat: 'DYNAMODB_JSON',
    exportType: 'FULL_EXPORT',
  }
}

function isS3State(value: unknown): value is S3State {
  if (typeof value !== 'object' || value === null) return false
  const { what, id, startTime, next, items, done, fileItems, fileBytes } = value as Partial<
    Record<keyof S3State, unknown>
  >
  const areTexts = [what, id, startTime, next ?? ''].every(text => typeof text === 'string')
  const areCounts = [items, fileItems, fileBytes].every(count => Number.isSafeInteger(count) && Number(count) >= 0)
  return areTexts && areCounts && /^\d+-[0-9a-f]+$/.test(id as string) && Array.isArray(done)
}
