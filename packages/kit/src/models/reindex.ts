/** `partita reindex`: index keys, markers of unique values and iteration keys for the rows that are there. */
import type { Command } from 'commander'
import { connect, type ReindexProgress, type ReindexResult, ValidationFailed, type Value } from 'partita'
import type { Context } from '../context.js'
import { CommandFailure, Interrupted, Usage } from '../failure.js'
import { interruptible } from '../terminal/interrupt.js'
import { count, Progress } from '../terminal/progress.js'
import { type LoadedModels, loadModels } from './load.js'

interface ReindexCommandOptions {
  readonly models: string
  readonly store?: string
  readonly table?: string
  readonly json?: true
}

/** Any model, as a command knows it. */
interface Repository {
  reindex(options: {
    readonly signal: AbortSignal
    readonly onProgress: (progress: ReindexProgress) => void
  }): Promise<ReindexResult>
}

const NOTES = `
Run it after an index, a unique constraint or iteration was added to models with rows, once no program without it is
left. It reads the whole table and writes what rows lack, in every tenant; programs may go on writing. A run that was
stopped or died is taken up by the next one. Rows that share a value of a unique constraint are listed and left as they
are: the command fails then, and the constraint stays incomplete.`

export function addReindexCommand(program: Command, context: Context): void {
  program
    .command('reindex')
    .description('write index keys, unique markers and iteration keys of rows that were there before')
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
    return await connect({ models, ...(store && { store }), ...(table && { table }), ...(layout && { layout }) })
  } catch (error) {
    throw error instanceof ValidationFailed ? new Usage(error.message) : error
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
    if (signal.aborted) throw new Interrupted(`stopped; the next reindex of ${name} goes on from there`)
    throw error
  }
}

function linesOf(name: string, { counts, duplicates, unreadable, isResumed }: ReindexResult): string[] {
  const resumed = isResumed ? ' (went on where an earlier run stopped)' : ''
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
      const why = reason === 'duplicates' ? 'rows share values' : 'a program without it connected meanwhile'
      return `${part === 'iteration' ? 'iteration' : `${part} ${name}`} of ${model} (${why})`
    }),
  )
  const message = `still incomplete: ${named.join(', ')}; mend that and run reindex again`
  return new CommandFailure('Incomplete', message, 1, reported(results))
}

/** Errors of rows as data. */
function reported(results: Readonly<Record<string, ReindexResult>>) {
  return Object.fromEntries(
    Object.entries(results).map(([name, { unreadable, duplicates, ...result }]) => [
      name,
      {
        ...result,
        duplicates: duplicates.map(({ holder, other, ...it }) => ({
          ...it,
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

/** Key fields as JSON has them: dates and exact numbers as text. */
function plain(fields: object | undefined): Value {
  return JSON.parse(textOf(fields ?? null))
}

function textOf(fields: object | null | undefined): string {
  return JSON.stringify(fields ?? null, (_, it) => (typeof it === 'bigint' ? `${it}` : it))
}
