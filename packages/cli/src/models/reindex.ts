/** `partita reindex`: writes the index keys, unique markers and iteration keys that existing rows lack. */
import type { Command } from 'commander'
import type { ReindexProgress, ReindexResult, Value } from 'partita'
import type { Context } from '../context.js'
import { CommandFailure, Interrupted } from '../failure.js'
import type { AnyRepository } from '../session/any-database.js'
import { withModels } from '../session/model-session.js'
import { addModelsOption, addStoreOptions, type ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { count, Progress } from '../terminal/progress.js'

const NOTES = `
Run it after an index, a unique constraint or iteration was added to models that have rows, when no older program is
running any more. It scans the whole table and writes what rows lack, in every tenant; programs may write meanwhile. If a
run is stopped, the next run continues from there. Rows that share a value of a unique constraint are listed and left
unchanged: the command then fails, and the constraint stays incomplete. Run one reindex of a model at a time.
Exit codes: 0 complete, 1 error or still incomplete, 2 usage error, 130 stopped by Ctrl-C.`

/** Adds the command `reindex` to the program. */
export function addReindexCommand(program: Command, context: Context): void {
  const command = program
    .command('reindex')
    .description('write the index keys, unique markers and iteration keys that older rows lack, and upgrade them')
    .argument('<model...>', 'names of models')
    .addHelpText('after', NOTES)
  withExamples(
    command,
    'partita reindex User Post',
    'partita reindex User --models src/models.ts --store embedded:./data',
  )
  addModelsOption(addStoreOptions(command)).action((names: string[], options: ModelOptions) =>
    reindexModels(names, options, context),
  )
}

async function reindexModels(names: string[], options: ModelOptions, context: Context): Promise<void> {
  const results: Record<string, ReindexResult> = {}
  await withModels(options, context, async ({ repository }) => {
    const repositories = names.map(name => [name, repository(name)] as const)
    await interruptible(async signal => {
      for (const [name, rows] of repositories) results[name] = await reindexOne(name, rows, signal, options, context)
    })
  })
  const incomplete = Object.entries(results).filter(([, result]) => result.incomplete.length > 0)
  if (incomplete.length > 0) throw stillIncomplete(incomplete, results)
  if (options.json) await context.output.success(reported(results))
}

async function reindexOne(
  name: string,
  repository: Pick<AnyRepository, 'reindex'>,
  signal: AbortSignal,
  { json }: ModelOptions,
  { screen, output }: Context,
): Promise<ReindexResult> {
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

const REASONS: { readonly [reason in ReindexResult['incomplete'][number]['reason']]: string } = {
  duplicates: 'rows share values',
  olderProgram: 'an older program connected or another reindex ran meanwhile',
  notUpgraded: 'the steps of its upgrade failed for some rows; correct them',
  busy: 'rows changed during every scan; run it when there are fewer writes',
}

function stillIncomplete(
  incomplete: readonly (readonly [string, ReindexResult])[],
  results: Readonly<Record<string, ReindexResult>>,
): CommandFailure {
  const named = incomplete.flatMap(([model, result]) =>
    result.incomplete.map(({ part, name, reason }) => {
      return `${part === name ? part : `${part} ${name}`} of ${model} (${REASONS[reason]})`
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
