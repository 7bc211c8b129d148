/** `partita reindex`: writes the index keys, unique markers and iteration keys that existing rows lack. */
import type { Command } from 'commander'
import { connect, type ReindexProgress, type ReindexResult, ValidationError, type Value } from 'partita'
import { parseStoreUrl } from 'partita/store'
import type { Context } from '../context.js'
import { BadInput, CommandFailure, Interrupted, Usage } from '../failure.js'
import { openFolder } from '../store/open-folder.js'
import { DEFAULT_URL } from '../store/path.js'
import { interruptible } from '../terminal/interrupt.js'
import { count, Progress } from '../terminal/progress.js'
import { type LoadedModels, loadModels } from './load.js'

interface ReindexCommandOptions {
  readonly models: string
  readonly store?: string
  readonly table?: string
  readonly json?: true
}

/** The part of a repository that the command uses. */
interface Repository {
  reindex(options: {
    readonly signal: AbortSignal
    readonly onProgress: (progress: ReindexProgress) => void
  }): Promise<ReindexResult>
}

const NOTES = `
Run it after an index, a unique constraint or iteration was added to models that have rows, when no older program is
running any more. It scans the whole table and writes what rows lack, in every tenant; programs may write meanwhile. If a
run is stopped, the next run continues from there. Rows that share a value of a unique constraint are listed and left
unchanged: the command then fails, and the constraint stays incomplete. Run one reindex of a model at a time.
Exit codes: 0 complete, 1 error or still incomplete, 2 usage error.`

/** Adds the command `reindex` to the program. */
export function addReindexCommand(program: Command, context: Context): void {
  program
    .command('reindex')
    .description('write the index keys, unique markers and iteration keys that older rows lack')
    .argument('<model...>', 'names of models')
    .requiredOption('--models <file>', 'module that exports the models, in TypeScript or JavaScript')
    .option('--store <url>', 'store to work on, such as embedded:./data (default: PARTITA_STORE, embedded:./.partita)')
    .option('--table <name>', 'table of the models (default: partita)')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((names: string[], options: ReindexCommandOptions) => reindexModels(names, options, context))
}

async function reindexModels(names: string[], options: ReindexCommandOptions, context: Context): Promise<void> {
  const loaded = await loadModels(options.models)
  const unknown = names.filter(name => !Object.hasOwn(loaded.models, name))
  if (unknown.length > 0) {
    const known = Object.keys(loaded.models).join(', ')
    throw new Usage(`${options.models} exports no model ${unknown.join(', ')}; it has ${known}`)
  }
  const db = await open(loaded, options)
  const results: Record<string, ReindexResult> = {}
  try {
    await interruptible(async signal => {
      for (const name of names) results[name] = await reindexOne(db, name, signal, options, context)
    })
  } finally {
    await db.close()
  }
  const incomplete = Object.entries(results).filter(([, result]) => result.incomplete.length > 0)
  if (incomplete.length > 0) throw stillIncomplete(incomplete, results)
  if (options.json) await context.output.success(reported(results))
}

async function open({ models, layout }: LoadedModels, { store, table }: ReindexCommandOptions) {
  try {
    await checkTable(store ?? (process.env.PARTITA_STORE || DEFAULT_URL), table)
    return await connect({ models, ...(store && { store }), ...(table && { table }), ...(layout && { layout }) })
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(error.message) : error
  }
}

/** `connect` would create a store on this machine, and its table; here a missing one is a mistyped name. */
async function checkTable(url: string, table = 'partita'): Promise<void> {
  const location = parseStoreUrl(url)
  if (location.engine !== 'embedded') return
  const { store, folder } = openFolder(location.path)
  try {
    if (await store.describeTable(table)) return
    throw new BadInput(`there is no table ${table} in ${folder}; name the table of the models with --table`, { table })
  } finally {
    await store.close()
  }
}

async function reindexOne(
  db: object,
  name: string,
  signal: AbortSignal,
  { json }: ReindexCommandOptions,
  { screen, output }: Context,
): Promise<ReindexResult> {
  const repository = (db as Record<string, Repository>)[name] as Repository
  const progress = new Progress(screen, 'read')
  try {
    const onProgress = ({ scanned }: ReindexProgress) => progress.show({ items: scanned })
    const result = await repository.reindex({ signal, onProgress })
    progress.clear()
    if (!json) for (const line of linesOf(name, result)) output.talk(line)
    return result
  } catch (error) {
    progress.clear()
    if (signal.aborted) throw new Interrupted(`stopped; the next reindex of ${name} continues from there`)
    throw error
  }
}

function linesOf(name: string, { counts, duplicates, unreadable, isResumed }: ReindexResult): string[] {
  const resumed = isResumed ? ' (continued an earlier run)' : ''
  return [
    `${name}: ${count(counts.rows)} rows, ${count(counts.written)} written${resumed}`,
    ...duplicates.map(({ constraint, tenant, holder, other }) => {
      const of = tenant === undefined ? '' : ` in tenant ${tenant}`
      return `${name}: the same ${constraint}${of}: ${textOf(holder)} and ${textOf(other)}`
    }),
    ...unreadable.map(({ error }) => `${name}: ${error.message}`),
  ]
}

function stillIncomplete(
  incomplete: readonly (readonly [string, ReindexResult])[],
  results: Readonly<Record<string, ReindexResult>>,
): CommandFailure {
  const named = incomplete.flatMap(([model, result]) =>
    result.incomplete.map(({ part, name, reason }) => {
      const why =
        reason === 'duplicates' ? 'rows share values' : 'an older program connected or another reindex ran meanwhile'
      return `${part === 'iteration' ? 'iteration' : `${part} ${name}`} of ${model} (${why})`
    }),
  )
  const message = `still incomplete: ${named.join(', ')}; fix that and run reindex again`
  return new CommandFailure('Incomplete', message, 1, reported(results))
}

/** Errors of rows as data. */
function reported(results: Readonly<Record<string, ReindexResult>>) {
  return Object.fromEntries(
    Object.entries(results).map(([name, { unreadable, duplicates, ...result }]) => [
      name,
      {
        ...result,
        duplicates: duplicates.map(({ holder, other, ...duplicate }) => ({
          ...duplicate,
          holder: plain(holder),
          other: plain(other),
        })),
        unreadable: unreadable.map(({ tenant, error: { message, details } }) => ({
          ...(tenant !== undefined && { tenant }),
          message,
          key: plain(details.key),
        })),
      },
    ]),
  )
}

/** Key fields as JSON: dates and exact numbers are text. */
function plain(fields: object | undefined): Value {
  return JSON.parse(textOf(fields ?? null))
}

function textOf(fields: object | null | undefined): string {
  return JSON.stringify(fields ?? null, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}
