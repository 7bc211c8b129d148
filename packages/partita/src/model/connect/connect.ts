/** Connects models to a store, or to several. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Issue, invalid, ValidationError, valueText } from '../../errors/errors.js'
import type { TableDefinition } from '../../store/definition.js'
import { checkOptions } from '../../store/options.js'
import { provision } from '../../store/provision.js'
import { realPace } from '../../store/retry.js'
import { systemClock } from '../../store/timers.js'
import { CompiledModel } from '../compile/compiled-model.js'
import { type PhysicalTable, physicalTable, tableDefinition } from '../compile/layout.js'
import { withCheckedRefs } from '../compile/references.js'
import { resolveRelation } from '../compile/relations.js'
import type { CheckedModels, Models, ModelsOf } from '../define/definition.js'
import type { FieldSpec } from '../define/field.js'
import { checkParts, recordParts } from '../evolve/completeness.js'
import { PartStates } from '../evolve/part-states.js'
import { recordClass } from '../read/relations/follow.js'
import { compileRules } from '../rules/compile.js'
import { countedModels, withCount } from '../rules/counts.js'
import type { ModelRules } from '../rules/model-rules.js'
import { RunningTransactions } from '../transaction/running.js'
import type { CheckedRules } from '../types/crql-text.js'
import type { Collections, ConnectOptions, Database } from '../types/database.js'
import type { CheckedDatabases, DatabaseIds } from '../types/databases.js'
import { revisions, ulids } from '../write/ids.js'
import { meetingIssues, storeIssues } from './connect-check.js'
import { type DatabaseContext, storeOf } from './context.js'
import { databaseHandle } from './database-handle.js'
import { onlyDatabase, type ResolvedDatabase, type Root, resolveDatabases } from './databases.js'
import { openRoots } from './open-roots.js'
import { rootScope, type ScopeState } from './scope.js'
import { Warnings } from './warnings.js'

const OPTIONS = [
  'models',
  'collections',
  'store',
  'table',
  'databases',
  'environment',
  'layout',
  'tenancy',
  'cursorSecret',
  'createTable',
  'strict',
  'clock',
  'assets',
]
const DEFAULT_TABLE = 'partita'

/**
 * Connects models to one table of a store. Without a store it opens an embedded one in the folder `.partita`, which needs no
 * set-up. The table of an embedded store is created automatically. On DynamoDB set `createTable`, or create the table once.
 * With `databases`, models are in several tables, of one store or several.
 *
 * @example
 * import { connect, f, model } from 'partita'
 *
 * const User = model('User', {
 *   fields: { userId: f.ulid().auto(), name: f.string() },
 *   key: { pk: 'USER#{userId}' },
 * })
 * const db = await connect({ models: { User }, store: 'memory:' })
 * const ada = await db.User.create({ name: 'Ada' })
 * await db.User.update({ userId: ada.userId }, { name: 'Ada L.' })
 * await db.close()
 * @throws ValidationError listing the conflicts between the models: two that could write the same key, relations to missing
 *   models, indexes that the layout does not have. Likewise for every mistake in `databases`, before a store is opened.
 * @throws PartitaError `Incomplete` with `strict`, if rows may lack an index, constraint or iteration that a model has.
 */
export async function connect<
  const All extends ModelsOf<All>,
  const Sets extends Collections = Readonly<Record<never, never>>,
  const Ids extends string = string,
>(
  options: ConnectOptions<All, Sets> &
    DatabaseIds<Ids> &
    CheckedModels<All> &
    CheckedDatabases<All, Ids> &
    CheckedRules<All>,
): Promise<Database<All, Sets>> {
  checkOptions(options, OPTIONS)
  checkConnectOptions(options)
  const { models, collections = {}, tenancy, cursorSecret, strict = false, clock = systemClock, assets } = options
  const databases = databasesOf(options)
  const compiled = compileModels(models, databases)
  const all = [...compiled.values()]
  const issues = meetingIssues(all)
  if (issues.length > 0) throw new ValidationError(issues)
  const relations = new Map(
    all.map(model => [
      model,
      new Map(Object.keys(model.relations).map(name => [name, resolveRelation(compiled, model, name)])),
    ]),
  )
  const rules = compileRules(compiled)
  const rootOf = new Map(databases.map(({ table, root }) => [table, root]))
  const storeMistakes = storeIssues(rules, (a, b) => rootOf.get(a.table) === rootOf.get(b.table))
  if (storeMistakes.length > 0) throw new ValidationError(storeMistakes)
  const tables = usedTables(databases, all, rules)
  const opened = await openRoots(databases.map(({ root }) => root))
  const createTable = async (): Promise<void> => {
    for (const table of tables.keys()) {
      await provisionTable(table)
      await recordParts(db, table, strict)
    }
  }
  const provisionTable = (table: PhysicalTable): Promise<unknown> =>
    provision(storeOf(db, table), tables.get(table) as TableDefinition)
  const db: DatabaseContext = {
    stores: new Map([...tables.keys()].map(table => [table, opened.store(rootOf.get(table) as Root)])),
    assets,
    models: compiled,
    relations,
    rules,
    classes: new Map(all.map(model => [model, recordClass(model, relations.get(model) ?? new Map())])),
    sources: { now: clock, ulid: ulids(clock) },
    revision: revisions(),
    cursorSecret,
    tableSecrets: new Map(),
    tenantRequired: tenancy === 'required',
    pace: realPace,
    listeners: new Set(),
    warnings: new Warnings(),
    parts: new PartStates(),
    recordedBuckets: new Set(),
    scopes: new AsyncLocalStorage<ScopeState>(),
    transactions: new RunningTransactions(),
    root: rootScope(),
  }
  try {
    const handle = databaseHandle(db, collections, createTable, () => opened.close())
    for (const [table, store] of db.stores) {
      if (options.createTable || store.provisioning === 'automatic') await provisionTable(table)
    }
    if (strict) await checkParts(db, db.stores.keys())
    for (const table of db.stores.keys()) await recordParts(db, table, strict)
    return handle as Database<All, Sets>
  } catch (error) {
    // The error of the start says more than one of closing.
    await opened.close().catch(() => {})
    throw error
  }
}

function checkConnectOptions({ models, tenancy, cursorSecret, assets }: ConnectOptions<Models, Collections>): void {
  if (typeof models !== 'object' || models === null || Object.keys(models).length === 0) {
    throw invalid(['models'], 'are missing; connect at least one model')
  }
  if (tenancy !== undefined && tenancy !== 'optional' && tenancy !== 'required') {
    throw invalid(['tenancy'], `is ${valueText(tenancy)}; use optional or required`)
  }
  if (assets !== undefined && typeof assets?.put !== 'function') {
    throw invalid(['assets'], `is ${valueText(assets)}; it is an asset store, such as folderAssets({ path })`)
  }
  if (cursorSecret === '') throw invalid(['cursorSecret'], 'is empty; omit it if cursors need no signature')
}

function databasesOf(options: ConnectOptions<Models, Collections>): ResolvedDatabase[] {
  const { databases, environment, store, table = DEFAULT_TABLE, layout } = options
  if (databases === undefined) return [onlyDatabase(store, physicalTable(table, layout))]
  for (const name of ['store', 'table'] as const) {
    if (options[name] !== undefined) throw invalid([name], 'cannot be combined with databases, which say it themselves')
  }
  // Browsers and edge runtimes may have no `process`.
  return resolveDatabases(databases, environment ?? globalThis.process?.env ?? {}, layout)
}

/** The definitions of the tables that have models, in the order of the databases. */
function usedTables(
  databases: readonly ResolvedDatabase[],
  models: readonly CompiledModel[],
  rules: ReadonlyMap<CompiledModel, ModelRules>,
): Map<PhysicalTable, TableDefinition> {
  const tables = new Map<PhysicalTable, TableDefinition>()
  for (const { table } of databases) {
    const own = models.filter(model => model.table === table)
    if (own.length === 0) continue
    const indexes = new Set(own.flatMap(model => model.indexes.map(({ on }) => on as string)))
    const isIterated = own.some(({ buckets }) => buckets > 0)
    const expires = own.some(
      model => model.expiring.expiresAt !== undefined || rules.get(model)?.audit?.expireAfter !== undefined,
    )
    tables.set(table, tableDefinition(table, [...indexes], isIterated, expires))
  }
  return tables
}

/** Compiles models for their tables. @throws ValidationError listing the mistakes of all of them. */
export function compileModels(models: Models, databases: readonly ResolvedDatabase[]): Map<string, CompiledModel> {
  const [first] = databases as readonly [ResolvedDatabase]
  const byId = new Map(databases.map(({ table }) => [table.database, table]))
  const issues: Issue[] = []
  const compiled = new Map<string, CompiledModel>()
  const counted = countedModels(models)
  for (const [name, model] of Object.entries(models)) {
    if (typeof model?.definition !== 'object' || typeof model.name !== 'string') {
      issues.push({ path: [name], message: 'is not a model; make one with model()' })
    } else if (model.name !== name) {
      issues.push({ path: [name], message: `is the model ${model.name}; connect it under that name` })
    } else {
      try {
        const prepare = (field: string, spec: FieldSpec): FieldSpec =>
          withCount(models, model, field, withCheckedRefs(models, model, field, spec), issues)
        const { database } = model.definition
        const table = database === undefined ? first.table : byId.get(database)
        if (table) compiled.set(name, new CompiledModel(model, table, prepare, counted.has(name)))
        else {
          const known =
            first.table.database === '' ? 'connect has no databases' : `there are ${[...byId.keys()].join(', ')}`
          issues.push({
            path: [name, 'database'],
            message: `is ${valueText(database)}, which is not a database; ${known}`,
          })
        }
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        issues.push(...error.details.issues)
      }
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return compiled
}
