/** `partita serve`: a store of this machine for every AWS SDK, over DynamoDB's own protocol. */
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { createServer, type WireServer } from 'partita/wire'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import type { StoreFolder } from '../store/path.js'
import { interruptible } from '../terminal/interrupt.js'
import { amount, count } from '../terminal/progress.js'
import { readFaults } from './faults.js'
import { addKey, type Key, keysOf } from './keys.js'
import { portNumber, type ServeOptions, serverOptionsOf, sourceOf } from './options.js'
import type { Seeded } from './seed/seed.js'
import { openServedStore } from './served-store.js'

const NOTES = `
Any program with an AWS SDK can use the store, while others use it as the library. Without keys every key is good, and
only programs on this machine are served. With keys signatures are checked. Give them by a file with one id:secret a line,
or by PARTITA_KEYS (id:secret, several apart by spaces or commas), which is read where no option gives keys. What --key
gives can be read in the process list and in the history of shells: only for trials. The connection is plain HTTP: on other machines put a proxy with TLS before it.
A seed is JSON (.json: one or many objects, or a list of them) or JSON Lines, also compressed with gzip. Each object is the
input of CreateTable, the input of PutItem, or an item as "partita items export" writes it. A table that is in the store
already is left as it is. A seed that cannot be used is refused with its file and line, and nothing of it is left.
Faults are those of the library's memory({ faults }): throttle, conflict, unprocessed (chances from 0 to 1), indexDelay
(milliseconds), seed (the same seed gives the same faults). Seeds and resets meet none.
With --memory, this puts the store back to its beginning, its seed included, for programs on this machine (with keys it has
to be signed): curl -X POST -H 'X-Amz-Target: Partita.Reset' http://127.0.0.1:8000
Ctrl-C or SIGTERM stops in order; what was acknowledged is on disk.
With --json, stdout holds {"ok":true,"data":{"endpoint","region"}} once requests are taken.
Exit codes: 0 stopped, 1 failed, 2 used wrongly.`

/** Adds the command `serve` to the program. */
export function addServeCommand(program: Command, context: Context): void {
  program
    .command('serve')
    .description("serve a store over DynamoDB's protocol to any AWS SDK")
    .option('--port <n>', 'where to listen; 0 is any port that is free', portNumber, 8000)
    .option('--host <name>', 'where to listen; others than this machine need keys', '127.0.0.1')
    .option('--path <dir>', 'store to serve, made where there is none (default: that of PARTITA_STORE, ./.partita)')
    .option('--memory', 'serve a store that ends with the command; it can be reset, see below')
    .option('--seed <path>', 'tables and items to begin with: a file, or a folder of files, see below')
    .option('--faults <list>', 'faults to meet on purpose, such as throttle=0.1,conflict=0.05,seed=7', readFaults)
    .option('--key-file <path>', 'take the access keys of this file, and check signatures')
    .option('--key <id:secret>', 'take this access key; others can read it, see below', addKey)
    .option('--read-only', 'refuse what writes; works on a read-only file system')
    .option('--region <name>', 'region in ARNs and signatures', 'us-east-1')
    .option('--stop-with-stdin', 'stop also when stdin ends, and so with the program that started the command')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((options: ServeOptions) => serve(options, context))
}

async function serve(options: ServeOptions, context: Context): Promise<void> {
  const source = sourceOf(options)
  // Takes the secrets out of the process list, where every user of the machine has seen them until now.
  if (options.key) process.title = 'partita serve'
  const keys = keysOf(options.key, options.keyFile)
  const serverOptions = serverOptionsOf({ ...options, readOnly: source.readOnly }, keys)
  if (options.key) {
    context.output.talk(
      'warning: secrets given by --key can be read in the process list; use --key-file or PARTITA_KEYS',
    )
  }
  await interruptible(async signal => {
    const { store, reset } = await openServedStore({
      source,
      faults: options.faults,
      seed: options.seed,
      region: options.region,
      signal,
      onSeeded: seeded => tellSeeded(seeded, context),
    })
    try {
      const server = createServer(store, { ...serverOptions, ...(reset && { reset }) })
      const endpoint = await listen(server, options)
      try {
        await announce(endpoint, source, options, keys, context)
        await stopped(signal, options.stopWithStdin ? context.input : undefined)
      } finally {
        await server.close()
      }
    } finally {
      await store.close()
    }
  })
}

function tellSeeded({ tables, skipped, items }: Seeded, { output }: Context): void {
  for (const table of skipped) output.talk(`table ${table} is there already, and is left as it is`)
  output.talk(`seeded ${tables.length === 1 ? '1 table' : `${count(tables.length)} tables`} with ${amount(items)}`)
}

async function listen(server: WireServer, { host, port }: ServeOptions): Promise<string> {
  try {
    return await server.listen()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'the port is in use; give another --port' : message
    throw new CommandFailure('CannotListen', `cannot listen on ${host}:${port}: ${reason}`, 1, { host, port }, error)
  }
}

async function announce(
  endpoint: string,
  { path, readOnly }: StoreFolder,
  { region, faults, json }: ServeOptions,
  [key]: readonly Key[] = [],
  context: Context,
): Promise<void> {
  if (json) {
    await context.output.success({ endpoint, region })
    return
  }
  await context.output.data(`${endpoint}\n`)
  const [id, secret] = key ? [key.id, '<its secret>'] : ['any', 'any']
  const what = `serving ${path ?? 'a store in memory'}${readOnly ? ', read-only' : ''}${faults ? ', with faults' : ''}`
  // Streams are a service of their own to SDKs; Python's and the AWS CLI read the second name of the region.
  const variables = [
    `AWS_ENDPOINT_URL_DYNAMODB=${endpoint} AWS_ENDPOINT_URL_DYNAMODB_STREAMS=${endpoint}`,
    `AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}`,
  ]
  context.output.talk(`${what}; for any AWS SDK: ${variables.join(' ')}`)
}

/** Resolves when the user wants to stop, or the input has ended. */
function stopped(signal: AbortSignal, input: Readable | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    input?.once('close', resolve).once('end', resolve).resume()
  })
}
