/** The connection of a group of classes to the store of their rows. */
import { invalid, ValidationError } from '../errors/errors.js'
import { physicalTable } from '../model/compile/layout.js'
import { resolveRelation } from '../model/compile/relations.js'
import { compileModels } from '../model/connect/connect.js'
import { meetingIssues } from '../model/connect/connect-check.js'
import { connect } from '../model/connect/connect-on-demand.js'
import { onlyDatabase } from '../model/connect/open-roots.js'
import type { Models } from '../model/define/definition.js'
import { compileRules } from '../model/rules/compile.js'
import type { Database, Scope } from '../model/types/database.js'
import { openLocation } from '../open.js'
import type { Store } from '../store/store.js'
import { countCall, currentScope, isInsideBatchContext } from './batch-context.js'
import type { Settings } from './config.js'
import { TenantContext } from './tenant-context.js'

type None = Readonly<Record<never, never>>

/** A database in a scope, for models that only their names tell apart. */
export type ScopedDatabase = Scope<Models, None>

/** Runs a call in a scope. */
export type Caller = <T>(call: (scope: ScopedDatabase) => Promise<T>) => Promise<T>

/** A connection, which is opened in the background: calls wait for it. */
export class GroupConnection {
  readonly settings: Settings
  readonly #models: Models
  /** Rejects, as every call does, if the store cannot be opened. */
  readonly ready: Promise<void>
  #database: Database<Models> | undefined
  #opened: Store | undefined

  /** @throws ValidationError if the models do not fit together, before anything is opened. */
  constructor(models: Models, settings: Settings) {
    this.settings = settings
    this.#models = models
    checkModels(models, settings)
    this.ready = this.#open()
    // Each call reports the failure; a program that makes none is not ended by it.
    this.ready.catch(() => {})
  }

  async #open(): Promise<void> {
    const { aws, table, layout, createTable, cursorSecret, clock, isTenantRequired } = this.settings
    if (aws) {
      const { region, endpoint, credentials } = aws
      const location = {
        engine: 'dynamodb' as const,
        ...(region !== undefined && { region }),
        ...(endpoint !== undefined && { endpoint }),
        ...(credentials !== undefined && { credentials }),
      }
      this.#opened = await openLocation(location)
    }
    const store = this.#opened ?? this.settings.store
    try {
      this.#database = await connect<Models>({
        models: this.#models,
        table,
        createTable,
        ...(store !== undefined && { store }),
        ...(layout && { layout }),
        ...(cursorSecret !== undefined && { cursorSecret }),
        ...(clock && { clock }),
        ...(isTenantRequired && { tenancy: 'required' }),
      })
    } catch (error) {
      await this.#opened?.close()
      throw error
    }
    this.#database.on('operation', countCall)
  }

  /**
   * Returns a function that runs calls in the scope of the present code: its tenant and its batch context.
   * @throws ValidationError without the batch context that the settings require.
   */
  caller(): Caller {
    const { isBatchRequired, tenant: fallback } = this.settings
    if (isBatchRequired && !isInsideBatchContext()) {
      throw invalid([], 'This call needs a batch context; make it within runWithBatchContext')
    }
    const tenant = TenantContext.getCurrentTenant() ?? fallback
    const scopeOf = currentScope(this, tenant)
    return async call => call(scopeOf(this.#database ?? (await this.database())))
  }

  /** The database, when it is open. */
  async database(): Promise<Database<Models>> {
    await this.ready
    return this.#database as Database<Models>
  }

  /** Closes the store, if the connection opened it. */
  async close(): Promise<void> {
    await this.ready.catch(() => {})
    await this.#database?.close()
    await this.#opened?.close()
  }
}

/** Finds what `connect` would report, at once and not when the first call waits for it. */
function checkModels(models: Models, { table, layout }: Settings): void {
  const compiled = compileModels(models, [onlyDatabase(undefined, physicalTable(table, layout))])
  const issues = meetingIssues([...compiled.values()])
  if (issues.length > 0) throw new ValidationError(issues)
  for (const model of compiled.values()) {
    for (const relation of Object.keys(model.relations)) resolveRelation(compiled, model, relation)
  }
  compileRules(compiled)
}
