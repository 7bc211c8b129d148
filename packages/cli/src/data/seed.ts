/**
 * `partita seed`: puts initial rows into a store, from a module that exports `seed(db)` or from JSON. Rows that exist are
 * left unchanged, so a seed of JSON can run again and again.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { AlreadyExistsError, UniqueViolationError } from 'partita'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { BadInput, Interrupted, Usage } from '../failure.js'
import { importModule, loadingProblem } from '../file/import-module.js'
import { inFile, seedFiles, seedLines } from '../serve/seed/seed-file.js'
import { type AnyDatabase, repositoryOf } from '../session/any-database.js'
import { requireConfirm } from '../session/confirm.js'
import { type ModelSession, withModels } from '../session/model-session.js'
import { addConfirmOptions, addModelOptions, type ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { count, Progress } from '../terminal/progress.js'
import { refused, type SeedRow, seedRow } from './seed-lines.js'

/** What a seed did. A module counts nothing. */
export interface SeedResult {
  readonly created: number
  readonly existing: number
}

const MODULE = /\.[cm]?[jt]s$/

/** Adds the command `seed` to the program. */
export function addSeedCommand(program: Command, context: Context): void {
  const command = program
    .command('seed')
    .description('put initial rows into a store; rows that exist are left unchanged')
    .argument(
      '[path]',
      'module that exports seed(db), or JSON Lines of {"model", "row"} (default: that of the configuration)',
    )
  withExamples(command, 'partita seed', 'partita seed ./seed.jsonl --tenant acme')
  addConfirmOptions(addModelOptions(command)).action((path: string | undefined, options: ModelOptions) =>
    seed(path, options, context),
  )
}

async function seed(given: string | undefined, options: ModelOptions, context: Context): Promise<void> {
  const path = given ?? (await readSettings(options)).seed
  if (path === undefined) throw new Usage('there is no seed: name a file, or set seed in a partita.config file')
  const result = await withModels(options, context, async session => {
    if (session.isAws)
      await requireConfirm(session, options, `Put the seed ${path} into table ${session.table}`, context)
    return runSeed(path, session, context)
  })
  if (options.json) await context.output.success(result ?? {})
  else if (result) context.output.talk(`${count(result.created)} rows created, ${count(result.existing)} existed`)
  else context.output.talk(`${path} has run`)
}

/**
 * Runs a seed.
 * @returns undefined for a module.
 * @throws BadInput with the file and the line that is wrong. All lines are read before the first row is written.
 */
export async function runSeed(path: string, session: ModelSession, context: Context): Promise<SeedResult | undefined> {
  if (!MODULE.test(path)) return seedRows(path, session, context)
  const run = await seedFunction(path)
  await run(session.db)
  return undefined
}

async function seedFunction(path: string): Promise<(db: AnyDatabase) => unknown> {
  let exported: { readonly seed?: unknown; readonly default?: unknown }
  try {
    exported = await importModule(resolve(path))
  } catch (error) {
    throw new BadInput(`${path} cannot be loaded: ${loadingProblem(error)}`, { path }, error)
  }
  const run = exported.seed ?? exported.default
  if (typeof run === 'function') return run as (db: AnyDatabase) => unknown
  throw new BadInput(`${path} does not export a function seed; write: export async function seed(db) { ... }`, { path })
}

async function seedRows(path: string, { db, models }: ModelSession, context: Context): Promise<SeedResult> {
  const files = await seedFiles(path)
  for (const file of files) {
    await named(file, async () => {
      for await (const line of seedLines(file)) seedRow(line, models)
    })
  }
  const progress = new Progress(context.screen, 'seeded')
  let [created, existing] = [0, 0]
  try {
    await interruptible(async signal => {
      for (const file of files) {
        await named(file, async () => {
          for await (const line of seedLines(file)) {
            if (signal.aborted) throw stopped(created)
            const isNew = await createRow(db, seedRow(line, models)).catch(error => {
              throw refused(line.number, error)
            })
            if (isNew) created++
            else existing++
            progress.show({ items: created + existing })
          }
        })
      }
    })
  } finally {
    progress.clear()
  }
  return { created, existing }
}

function stopped(created: number): Interrupted {
  const message = `stopped after ${count(created)} rows were created; the next seed creates the others`
  return new Interrupted(message, { created })
}

/** @returns false for a row that exists. A row without its key is recognised by its unique values. */
async function createRow(db: AnyDatabase, { model, tenant, row, hasKey }: SeedRow): Promise<boolean> {
  const scope = tenant === undefined ? db : db.scope({ tenant })
  try {
    await repositoryOf(scope as AnyDatabase, model).create(row)
    return true
  } catch (error) {
    if (error instanceof AlreadyExistsError || (error instanceof UniqueViolationError && !hasKey)) return false
    throw error
  }
}

async function named(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw inFile(file, error)
  }
}
