/** The access keys of a server: from a file, from the environment, or for trials from the command line. */
import { closeSync, openSync, readSync } from 'node:fs'
import { BadInput, Usage } from '../failure.js'
import { unreadable } from '../file/file-fault.js'

/** An access key that the server accepts. */
export interface Key {
  readonly id: string
  readonly secret: string
}

/** Some ten thousand keys. */
const MAX_FILE_BYTES = 1024 * 1024

/** Names the variable that keys are taken from where no option gives any. */
const VARIABLE = 'PARTITA_KEYS'

/** Option of a key, which may be given several times. @throws Usage, which never shows what may be a secret. */
export function addKey(text: string, keys: readonly Key[] = []): readonly Key[] {
  return [...keys, readKey(text, '--key')]
}

/**
 * The keys that a server is to take: those of the options, else those of `PARTITA_KEYS`.
 * @returns undefined where there are none, so that every key is good.
 * @throws Usage for what is no key, for two secrets of one id, and for a variable or file without any key: whoever names
 * one wants keys to be checked. BadInput where the file cannot be read, or is over 1 MB.
 */
export function keysOf(given: readonly Key[] = [], file?: string): readonly Key[] | undefined {
  const keys = [...given, ...(file === undefined ? [] : keysOfFile(file))]
  const fromVariable = process.env[VARIABLE]
  if (given.length === 0 && file === undefined) {
    if (fromVariable === undefined) return undefined
    keys.push(...readKeys(fromVariable, () => VARIABLE))
    if (keys.length === 0) throw new Usage(`${VARIABLE} is set and holds no key; give id:secret, or unset it`)
  }
  const secrets = new Map<string, string>()
  for (const { id, secret } of keys) {
    if ((secrets.get(id) ?? secret) !== secret) throw new Usage('two keys have the same id and different secrets')
    secrets.set(id, secret)
  }
  return keys
}

function keysOfFile(path: string): Key[] {
  const keys = readKeys(textOf(path), line => `line ${line} of ${path}`)
  if (keys.length === 0) throw new Usage(`${path} holds no key; give one id:secret a line`)
  return keys
}

/** A pipe may be given as well; what never ends is not read to its end. */
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
  if (length > MAX_FILE_BYTES) throw new BadInput(`${path} holds more than 1 MB, so it is no file of keys`, { path })
  return bytes.toString('utf8', 0, length)
}

/** Keys apart by white space or commas, which no secret has; lines that begin with `#` are comments. */
function readKeys(text: string, where: (line: number) => string): Key[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trimStart().startsWith('#')) return []
    const words = line.split(/[\s,]+/).filter(word => word !== '')
    return words.map(word => readKey(word, where(i + 1)))
  })
}

function readKey(text: string, where: string): Key {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) throw new Usage(`${where} is no id:secret; see --help`)
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}
