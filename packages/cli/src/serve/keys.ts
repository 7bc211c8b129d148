/** The access keys of a server: from a file, from the environment, or, for trials, from the command line. */
import { closeSync, openSync, readSync } from 'node:fs'
import { BadInput, Usage } from '../failure.js'
import { unreadable } from '../file/file-error.js'

/** An access key that the server accepts. */
export interface AccessKey {
  readonly id: string
  readonly secret: string
}

/** Maximum size of a key file: enough for about ten thousand keys. */
const MAX_FILE_BYTES = 1024 * 1024

/** The environment variable that keys are read from if no option gives any. */
const VARIABLE = 'PARTITA_KEYS'

/** Adds a key given by `--key`, which may be repeated. @throws Usage, which never contains a possible secret. */
export function addKey(text: string, keys: readonly AccessKey[] = []): readonly AccessKey[] {
  return [...keys, readKey(text, '--key')]
}

/**
 * The keys that a server accepts: those of the options, otherwise those of `PARTITA_KEYS`.
 * @returns undefined if no keys are given, so that every key is accepted.
 * @throws Usage for an invalid key, for two secrets of one id, and for a variable or file without keys, since naming
 *   one means that keys are to be checked. BadInput if the file cannot be read, or is over 1 MB.
 */
export function keysOf(given: readonly AccessKey[] = [], file?: string): readonly AccessKey[] | undefined {
  const keys = [...given, ...(file === undefined ? [] : keysOfFile(file))]
  const fromVariable = process.env[VARIABLE]
  if (given.length === 0 && file === undefined) {
    if (fromVariable === undefined) return undefined
    keys.push(...readKeys(fromVariable, () => VARIABLE))
    if (keys.length === 0) throw new Usage(`${VARIABLE} is set but contains no key; give id:secret, or unset it`)
  }
  const secrets = new Map<string, string>()
  for (const { id, secret } of keys) {
    if ((secrets.get(id) ?? secret) !== secret) throw new Usage('two keys have the same id and different secrets')
    secrets.set(id, secret)
  }
  return keys
}

function keysOfFile(path: string): AccessKey[] {
  const keys = readKeys(textOf(path), line => `line ${line} of ${path}`)
  if (keys.length === 0) throw new Usage(`${path} contains no key; write one id:secret per line`)
  return keys
}

/** The file may be a pipe. Reading stops at the limit, so that an endless device does not block. */
function textOf(path: string): string {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1)
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null)
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  if (length > MAX_FILE_BYTES) throw new BadInput(`${path} is larger than 1 MB, so it is not a file of keys`, { path })
  return bytes.toString('utf8', 0, length)
}

/** Keys are separated by white space or commas, which no secret contains. Lines that begin with `#` are comments. */
function readKeys(text: string, where: (line: number) => string): AccessKey[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trimStart().startsWith('#')) return []
    const words = line.split(/[\s,]+/).filter(word => word !== '')
    return words.map(word => readKey(word, where(i + 1)))
  })
}

function readKey(text: string, where: string): AccessKey {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) throw new Usage(`${where} is not an id:secret; see --help`)
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}
