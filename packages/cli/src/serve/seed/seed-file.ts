/** The files of a seed, and the objects in each. */
import { createReadStream, type Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BadInput, BadLine } from '../../failure.js'
import { bytesOf } from '../../file/file-bytes.js'
import { unreadable } from '../../file/file-error.js'
import { readDocuments } from '../../json/json-documents.js'
import { type Line, readLines } from '../../json/json-lines.js'

/** Names of seed files in a folder. A file given directly may have any name; it is JSON Lines unless named .json. */
const SEED_NAME = /\.(json|jsonl|ndjson)(\.gz)?$/i
const JSON_NAME = /\.json(\.gz)?$/i
/** Maximum size of a JSON text, which is read into memory as a whole. */
const MAX_JSON_BYTES = 64 * 1024 * 1024

/**
 * @param path a file, or a folder whose files are read in the order of their names, without subfolders.
 * @throws BadInput if it is missing, or the folder contains anything that is not a seed.
 */
export async function seedFiles(path: string): Promise<string[]> {
  const found = await statOf(path)
  // A pipe cannot be read twice.
  if (!found.isFile() && !found.isDirectory())
    throw new BadInput(`${path} is not a file; a seed is read twice, so name a file`)
  if (found.isFile()) return [path]
  const names = await readdir(path).catch(error => {
    throw unreadable(path, error)
  })
  const files: string[] = []
  for (const name of names.filter(name => !name.startsWith('.')).sort()) {
    const file = join(path, name)
    if (!SEED_NAME.test(name) || !(await statOf(file)).isFile()) {
      throw new BadInput(
        `${file} is not a seed; a folder of seeds may contain only files named .json, .jsonl or .ndjson, or these with .gz`,
      )
    }
    files.push(file)
  }
  if (files.length === 0) throw new BadInput(`${path} contains no seed; put .json or .jsonl files there`)
  return files
}

async function statOf(path: string): Promise<Stats> {
  return stat(path).catch(error => {
    throw unreadable(path, error)
  })
}

/** The objects of a file: one in each line of JSON Lines; in JSON one after another, or in a list. */
export async function* seedLines(path: string): AsyncGenerator<Line> {
  const file = createReadStream(path)
  try {
    if (JSON_NAME.test(path)) yield* readDocuments(await wholeText(bytesOf(file, path), path))
    else yield* readLines(bytesOf(file, path))
  } finally {
    file.destroy()
  }
}

async function wholeText(chunks: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of chunks) {
    bytes += part.length
    if (bytes > MAX_JSON_BYTES)
      throw new BadInput(`${path} is over 64 MB; write a seed of that size as JSON Lines, in a .jsonl file`)
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch (error) {
    throw new BadInput(`${path} is not UTF-8 text; convert it to UTF-8`, { path }, error)
  }
}

/** Adds the name of the file to an error of a line. Other errors are returned unchanged. */
export function inFile(path: string, error: unknown): unknown {
  if (!(error instanceof BadLine)) return error
  return new BadInput(`${path}, ${error.message}`, { path, line: error.line }, error)
}
