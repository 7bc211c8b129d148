/** Connects models to a store, or to several. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Issue, invalid, ValidationError, valueText } from '../../errors/errors.js'
import type { TableDefinition } from '../../store/definition.js'
import { checkOptions, isStore } from '../../store/options.js'
import { provision } from '../../store/provision.js'
import { realPace } from '../../store/retry.js'
import { systemClock } from '../../store/timers.js'
import { CompiledModel } from '../compile/compiled-model.js'
import { type PhysicalTable, physicalTable, tableDefinition } from '../compile/layout.js'
import { withCheckedRefs } from '../compile/references.js'
import type { ResolvedRelation } from '../compile/relations.js'
import type { Models } from '../define/definition.js'
import type { FieldSpec } from '../define/field.js'
import { checkParts, recordParts } from '../evolve/completeness.js'
import { PartStates } from '../evolve/part-states.js'
import { relations, rules, stores, transactions, upgrades } from '../on-demand.js'
import { type RecordClass, recordClass } from '../rows/record.js'
import { countedModels, withCount } from '../rules/count-fields.js'
import type { ModelRules } from '../rules/model-rules.js'
import { needsPipeline } from '../rules/needs-pipeline.js'
import { RunningTransactions } from '../transaction/running.js'
import type { Collections, ConnectOptions } from '../types/database.js'
import { revisions, ulids } from '../write/ids.js'
import { meetingIssues, storeIssues } from './connect-check.js'
import { type DatabaseContext, storeOf } from './context.js'
import { compileCollections, databaseHandle } from './database-handle.js'
import { onlyDatabase, openRoots, type ResolvedDatabase, type Root } from './open-roots.js'
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

/** Implements `connect`. */
export async function connectModels(options: ConnectOptions<Models, Collections>): Promise<object> {
  checkOptions(options, OPTIONS)
  checkConnectOptions(options)
  const { models, collections = {}, tenancy, cursorSecret, strict = false, clock = systemClock, assets } = options
  const databases = await databasesOf(options)
  const compiled = compileModels(models, databases)
  const all = [...compiled.values()]
  const issues = meetingIssues(all)
  if (issues.length > 0) throw new ValidationError(issues)
  const relationsOf = await resolveRelations(compiled)
  const rulesOf = await compileAllRules(compiled)
  const rootOf = new Map(databases.map(({ table, root }) => [table, root]))
  const storeMistakes = storeIssues(rulesOf, (a, b) => rootOf.get(a.table) === rootOf.get(b.table))
  if (storeMistakes.length > 0) throw new ValidationError(storeMistakes)
  const tables = usedTables(databases, all, rulesOf)
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
    upgrading: await upgradingModels(all),
    relations: relationsOf,
    rules: rulesOf,
    classes: new Map(all.map(model => [model, recordClass(model)])),
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
    await addRelations(db)
    const handle = databaseHandle(db, await compileCollections(db, collections), createTable, () => opened.close())
    for (const [table, store] of db.stores) {
      if (options.createTable || store.provisioning === 'automatic') await provisionTable(table)
    }
    if (strict) await checkParts(db, db.stores.keys())
    for (const table of db.stores.keys()) await recordParts(db, table, strict)
    return handle
  } catch (error) {
    // The error of the start says more than one of closing.
    await opened.close().catch(() => {})
    throw error
  }
}

type Relations = Map<CompiledModel, ReadonlyMap<string, ResolvedRelation>>

/** @throws ValidationError for a relation that does not fit the models. */
async function resolveRelations(models: ReadonlyMap<string, CompiledModel>): Promise<Relations> {
  const resolved: Relations = new Map()
  for (const model of models.values()) {
    const names = Object.keys(model.relations)
    if (names.length === 0) continue
    const { resolveRelation } = await relations.load()
    resolved.set(model, new Map(names.map(name => [name, resolveRelation(models, model, name)])))
  }
  return resolved
}

async function addRelations({ relations: resolved, classes }: DatabaseContext): Promise<void> {
  for (const [model, own] of resolved) {
    const { addRelations } = await relations.load()
    addRelations(classes.get(model) as RecordClass, own)
  }
}

/** The models with upgrade steps, by table. */
async function upgradingModels(models: readonly CompiledModel[]): Promise<DatabaseContext['upgrading']> {
  const upgrading = models.filter(({ steps }) => steps)
  if (upgrading.length > 0) await upgrades.load()
  return new Map(upgrading.map(({ table }) => [table, upgrading.filter(model => model.table === table)]))
}

/** @throws ValidationError listing the mistakes in the rules of all models. */
async function compileAllRules(
  models: ReadonlyMap<string, CompiledModel>,
): Promise<ReadonlyMap<CompiledModel, ModelRules>> {
  if (![...models.values()].some(needsPipeline)) return new Map()
  const [{ compileRules }] = await Promise.all([rules.load(), transactions.load()])
  return compileRules(models)
}

function checkConnectOptions({
  models,
  store,
  tenancy,
  cursorSecret,
  assets,
}: ConnectOptions<Models, Collections>): void {
  if (Array.isArray(models)) throw invalid(['models'], 'are a list; pass an object with their names: { User, Post }')
  if (typeof models !== 'object' || models === null || Object.keys(models).length === 0) {
    throw invalid(['models'], 'are missing; connect at least one model')
  }
  if (store !== undefined && typeof store !== 'string' && !isStore(store)) {
    throw invalid(['store'], `is ${valueText(store)}; it is a store URL, or a store such as memory()`)
  }
  if (tenancy !== undefined && tenancy !== 'optional' && tenancy !== 'required') {
    throw invalid(['tenancy'], `is ${valueText(tenancy)}; use optional or required`)
  }
  if (assets !== undefined && typeof assets?.put !== 'function') {
    throw invalid(['assets'], `is ${valueText(assets)}; it is an asset store, such as folderAssets({ path })`)
  }
  if (cursorSecret === '') throw invalid(['cursorSecret'], 'is empty; omit it if cursors need no signature')
}

async function databasesOf(options: ConnectOptions<Models, Collections>): Promise<ResolvedDatabase[]> {
  const { databases, environment, store, table = DEFAULT_TABLE, layout } = options
  if (databases === undefined) return [onlyDatabase(store, physicalTable(table, layout))]
  for (const name of ['store', 'table'] as const) {
    if (options[name] !== undefined) throw invalid([name], 'cannot be combined with databases, which say it themselves')
  }
  // Browsers and edge runtimes may have no `process`.
  const { resolveDatabases } = await stores.load()
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
