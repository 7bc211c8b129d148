/** Connects models to a store. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Issue, invalid, ValidationError, valueText } from '../../errors/errors.js'
import { openStore } from '../../open.js'
import { checkOptions } from '../../store/options.js'
import { provision } from '../../store/provision.js'
import { realPace } from '../../store/retry.js'
import { systemClock } from '../../store/timers.js'
import { CompiledModel } from '../compile/compiled-model.js'
import { physicalTable, tableDefinition } from '../compile/layout.js'
import { withCheckedRefs } from '../compile/references.js'
import { resolveRelation } from '../compile/relations.js'
import type { CheckedModels, Models, ModelsOf } from '../define/definition.js'
import type { FieldSpec } from '../define/field.js'
import { recordParts } from '../evolve/completeness.js'
import { PartStates } from '../evolve/part-states.js'
import { recordClass } from '../read/relations/follow.js'
import { compileRules } from '../rules/compile.js'
import { RunningTransactions } from '../transaction/running.js'
import type { Collections, ConnectOptions, Database } from '../types/database.js'
import { revisions, ulids } from '../write/ids.js'
import { meetingIssues } from './connect-check.js'
import type { DatabaseContext } from './context.js'
import { databaseHandle } from './database-handle.js'
import { rootScope, type ScopeState } from './scope.js'
import { Warnings } from './warnings.js'

const OPTIONS = [
  'models',
  'collections',
  'store',
  'table',
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
 *   models, indexes that the layout does not have.
 * @throws PartitaError `Incomplete` with `strict`, if rows may lack an index, constraint or iteration that a model has.
 */
export async function connect<
  const All extends ModelsOf<All>,
  const Sets extends Collections = Readonly<Record<never, never>>,
>(options: ConnectOptions<All, Sets> & CheckedModels<All>): Promise<Database<All, Sets>> {
  checkOptions(options, OPTIONS)
  checkConnectOptions(options)
  const {
    models,
    collections = {},
    store,
    table = DEFAULT_TABLE,
    layout,
    tenancy,
    cursorSecret,
    strict = false,
    clock = systemClock,
    assets,
  } = options
  const physical = physicalTable(table, layout)
  const compiled = compileModels(models, physical)
  const all = [...compiled.values()]
  const issues = meetingIssues(all)
  if (issues.length > 0) throw new ValidationError(issues)
  const relations = new Map(
    all.map(model => [
      model,
      new Map(Object.keys(model.relations).map(name => [name, resolveRelation(compiled, model, name)])),
    ]),
  )
  const indexes = new Set(all.flatMap(model => model.indexes.map(({ on }) => on as string)))
  const definition = tableDefinition(
    physical,
    [...indexes],
    all.some(({ buckets }) => buckets > 0),
    all.some(({ ttl }) => ttl),
  )
  const opened = typeof store === 'object' ? store : await openStore(store)
  const isOwn = opened !== store
  const createTable = async (): Promise<void> => {
    await provision(opened, definition)
    await recordParts(db, strict)
  }
  const db: DatabaseContext = {
    store: opened,
    assets,
    table: physical,
    models: compiled,
    relations,
    rules: compileRules(compiled),
    classes: new Map(all.map(model => [model, recordClass(model, relations.get(model) ?? new Map())])),
    sources: { now: clock, ulid: ulids(clock) },
    revision: revisions(),
    cursorSecret,
    tenantRequired: tenancy === 'required',
    pace: realPace,
    listeners: new Set(),
    warnings: new Warnings(),
    parts: new PartStates(),
    noted: new Set(),
    scopes: new AsyncLocalStorage<ScopeState>(),
    transactions: new RunningTransactions(),
    root: rootScope(),
  }
  try {
    const handle = databaseHandle(db, collections, createTable, isOwn)
    if (options.createTable || opened.provisioning === 'automatic') await createTable()
    else await recordParts(db, strict)
    return handle as Database<All, Sets>
  } catch (error) {
    if (isOwn) await opened.close()
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

function compileModels(models: Models, table: ReturnType<typeof physicalTable>): Map<string, CompiledModel> {
  const issues: Issue[] = []
  const compiled = new Map<string, CompiledModel>()
  for (const [name, model] of Object.entries(models)) {
    if (typeof model?.definition !== 'object' || typeof model.name !== 'string') {
      issues.push({ path: [name], message: 'is not a model; make one with model()' })
    } else if (model.name !== name) {
      issues.push({ path: [name], message: `is the model ${model.name}; connect it under that name` })
    } else {
      try {
        const prepare = (field: string, spec: FieldSpec): FieldSpec => withCheckedRefs(models, model, field, spec)
        compiled.set(name, new CompiledModel(model, table, prepare))
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        issues.push(...error.details.issues)
      }
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return compiled
}
