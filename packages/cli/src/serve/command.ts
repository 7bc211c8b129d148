/** `partita serve`: serves a local store to every AWS SDK over DynamoDB's protocol. */
import nodeModule from 'node:module'
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { createServer, type WireServer } from 'partita/wire'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { CONFIG_HELP, type StoreFolder } from '../store/path.js'
import { endingBefore } from '../terminal/end-process.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { amount, count } from '../terminal/progress.js'
import { readFaults } from './faults.js'
import { type AccessKey, addKey, keysOf } from './keys.js'
import { portNumber, type ServeOptions, serverOptionsOf, sourceOf } from './options.js'
import type { Seeded } from './seed/seed.js'
import { openServedStore } from './served-store.js'
import { boundYoungGeneration } from './young-generation.js'

const NOTES = `
Any program with an AWS SDK can use the store, while other programs use it through the library. Without keys, every access
key is accepted and only programs on this machine are served. With keys, signatures are checked. Give the keys in a file
with one id:secret per line, or in PARTITA_KEYS (id:secret, separated by spaces or commas), which is read if no option
gives keys. A key given by --key is visible in the process list and in shell histories: use it only for trials. The
connection is plain HTTP: to serve other machines, put a proxy with TLS in front of it.
A seed is JSON (.json: one or many objects, or a list of them) or JSON Lines, also compressed with gzip. Each object is the
input of CreateTable, the input of PutItem, or an item as "partita items export" writes it. A table that already
exists is left unchanged. An invalid seed is refused with its file and line, and nothing of it stays in the store.
Faults are those of the library's memory({ faults }): throttle, conflict, unprocessed (chances from 0 to 1), indexDelay
(milliseconds), seed (the same seed gives the same faults). Seeds and resets are not affected.
With --memory, this request resets the store, including its seed. It is accepted from this machine only (with keys, it must
be signed): curl -X POST -H 'X-Amz-Target: Partita.Reset' http://127.0.0.1:8000
Ctrl-C or SIGTERM stops the server gracefully; every acknowledged write is on disk.
With --json, stdout is {"ok":true,"data":{"endpoint","region"}} when the server accepts requests.
Exit codes: 0 stopped, 1 error, 2 usage error.`

/** Adds the command `serve` to the program. */
export function addServeCommand(program: Command, context: Context): void {
  const command = program
    .command('serve')
    .description("serve a store over DynamoDB's protocol to any AWS SDK")
    .option('--port <n>', 'port to listen on; 0 selects a free port', portNumber, 8000)
    .option('--host <name>', 'address to listen on; any but the local machine needs keys', '127.0.0.1')
    .option('--path <dir>', 'store to serve, created if it does not exist (default: as in PARTITA_STORE, ./.partita)')
    .option('--config <file>', CONFIG_HELP)
    .option('--memory', 'serve a store in memory, which can be reset, see below')
    .option('--seed <path>', 'tables and items to start with: a file, or a folder of files, see below')
    .option('--faults <list>', 'faults to inject, such as throttle=0.1,conflict=0.05,seed=7', readFaults)
    .option('--key-file <path>', 'accept the access keys in this file, and check signatures')
    .option('--key <id:secret>', 'accept this access key; visible to other users, see below', addKey)
    .option('--read-only', 'refuse writes; works on a read-only file system')
    .option('--region <name>', 'region in ARNs and signatures', 'us-east-1')
    .option('--stop-with-stdin', 'also stop when stdin ends, and so with the program that started the command')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((options: ServeOptions) => serve(options, context))
  withExamples(command, 'partita serve --path ./data', 'partita serve --memory --seed ./seed --port 0')
}

async function serve(options: ServeOptions, context: Context): Promise<void> {
  const source = await sourceOf(options)
  // Removes the secrets from the process list, where every user of the machine can see them until here.
  if (options.key) process.title = 'partita serve'
  const keys = keysOf(options.key, options.keyFile)
  const serverOptions = await serverOptionsOf({ ...options, readOnly: source.readOnly }, keys)
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
      onSeeded: seeded => reportSeeded(seeded, context),
    })
    try {
      await endingBefore(store, async () => {
        const server = createServer(store, { ...serverOptions, ...(reset && { reset }) })
        const endpoint = await listen(server, options)
        let unbound: (() => void) | undefined
        try {
          await announce(endpoint, source, options, keys, context)
          unbound = boundYoungGeneration()
          keepCompiledCode()
          await stopped(signal, options.stopWithStdin ? context.input : undefined)
        } finally {
          unbound?.()
          await server.close()
        }
      })
    } finally {
      await store.close()
    }
  })
}

function reportSeeded({ tables, skipped, items }: Seeded, { output }: Context): void {
  for (const table of skipped) output.talk(`table ${table} already exists and is left unchanged`)
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
  [key]: readonly AccessKey[] = [],
  context: Context,
): Promise<void> {
  if (json) {
    await context.output.success({ endpoint, region })
    return
  }
  await context.output.data(`${endpoint}\n`)
  const [id, secret] = key ? [key.id, '<its secret>'] : ['any', 'any']
  const what = `serving ${path ?? 'a store in memory'}${readOnly ? ', read-only' : ''}${faults ? ', with faults' : ''}`
  // SDKs treat Streams as a separate service. Python's SDK and the AWS CLI read AWS_DEFAULT_REGION.
  const variables = [
    `AWS_ENDPOINT_URL_DYNAMODB=${endpoint} AWS_ENDPOINT_URL_DYNAMODB_STREAMS=${endpoint}`,
    `AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}`,
  ]
  context.output.talk(`${what}; for any AWS SDK: ${variables.join(' ')}`)
}

/** Node keeps compiled code when a process ends, but a server that tests start may be killed. Node 20 keeps none. */
function keepCompiledCode(): void {
  const { flushCompileCache } = nodeModule as { readonly flushCompileCache?: () => void }
  flushCompileCache?.()
}

/** Resolves when the user stops the server, or the input has ended. */
function stopped(signal: AbortSignal, input: Readable | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    input?.once('close', resolve).once('end', resolve).resume()
  })
}
