/** The command line options of `partita serve`, checked before anything is opened. */
import { existsSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { ValidationError } from 'partita'
import { type Faults, memory } from 'partita/embedded'
import { createServer, type ServerOptions } from 'partita/wire'
import { BadInput, Usage } from '../failure.js'
import { type FolderFlags, type StoreFolder, storeFolder } from '../store/path.js'
import type { AccessKey } from './keys.js'

/** Values of the options of `partita serve`. */
export interface ServeOptions extends FolderFlags {
  readonly port: number
  readonly host: string
  readonly region: string
  readonly memory?: true
  readonly key?: readonly AccessKey[]
  readonly keyFile?: string
  readonly readOnly?: boolean
  readonly seed?: string
  readonly faults?: Faults
  readonly stopWithStdin?: true
  readonly json?: true
}

/** Parses a port: a whole number from 0 to 65535. @throws InvalidArgumentError for any other text. */
export function portNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 65_535) return number
  throw new InvalidArgumentError('Give a whole number from 0 to 65535; 0 selects a free port.')
}

/**
 * The store to serve. @throws Usage if the options contradict each other; BadInput if a store to read does not exist.
 */
export async function sourceOf(options: ServeOptions): Promise<StoreFolder> {
  const { path, memory, seed, readOnly = false } = options
  if (memory && path !== undefined) throw new Usage('use --path or --memory, not both')
  if (memory && readOnly) throw new Usage('a store in memory starts empty, so --read-only would serve nothing')
  if (memory) return { path: undefined, readOnly: false }
  const source = await storeFolder(options, '--path or --memory')
  // Opening would create a missing store, and a reader would find it empty.
  if (readOnly && source.path !== undefined && !existsSync(source.path)) {
    throw new BadInput(`there is no store at ${source.path} to read from`, { path: source.path })
  }
  const isReadOnly = readOnly || source.readOnly
  if (seed !== undefined && isReadOnly) throw new Usage('a seed is written to the store; omit --seed or --read-only')
  return { ...source, readOnly: isReadOnly }
}

/** The options of the server. @throws Usage for options that the server does not accept. */
export async function serverOptionsOf(
  { port, host, region, readOnly = false }: ServeOptions,
  keys: readonly AccessKey[] | undefined,
): Promise<ServerOptions> {
  const secrets = keys && Object.fromEntries(keys.map(({ id, secret }) => [id, secret]))
  const options = { port, host, region, readOnly, ...(secrets && { keys: secrets }) }
  // Checked with a server that never listens, before the store to serve is opened or created.
  const store = memory({ sweepInterval: 0 })
  try {
    createServer(store, options)
  } catch (error) {
    if (error instanceof ValidationError) throw new Usage(usageText(error))
    throw error
  } finally {
    await store.close()
  }
  return options
}

function usageText({ details, message }: ValidationError): string {
  const [issue] = details.issues
  if (issue?.path[0] === 'host') return `${issue.message}; give keys by --key-file or PARTITA_KEYS`
  // The id is not shown: if id and secret were swapped, it is the secret.
  if (issue?.path[0] === 'keys') return `invalid key: ${issue.message}; give id:secret`
  return message
}
