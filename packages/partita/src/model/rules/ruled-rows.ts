/**
 * The one write path of models with rules. Every create, put, update and delete of such a model runs here, in a
 * transaction: its own if the program has not begun one. The row is read in the transaction, so the commit requires that it
 * is unchanged, and with it everything that the rules were decided by: locks, unique parts and permissions hold under
 * concurrent writes.
 *
 * The order of a save: permissions on the stored row; `preProcess`; permissions on the row to be stored; `validate` and all
 * constraints on the final values, reported together. `preSave` runs before the commit, `postSave` after it.
 */
import { invalid, PermissionDeniedError, RuleViolationError, type Violation, valueText } from '../../errors/errors.js'
import type { Item, Key } from '../../value/value.js'
import { identity } from '../read/loader.js'
import { checkUpgraded, fieldsOf } from '../read/row.js'
import { overwriting } from '../rows/direct.js'
import { rowDetails } from '../rows/row-details.js'
import {
  keyOf,
  newRow,
  type RowChange,
  type RowContext,
  type RowKey,
  type Rows,
  type WriteRules,
} from '../rows/rows.js'
import type { Overlay } from '../transaction/overlay.js'
import type { RefGuard } from '../transaction/row-guards.js'
import { inTurn } from '../transaction/turn.js'
import type { HookContext, Problem, RuleOperation } from '../types/rules.js'
import { isUnchanged } from '../write/changes.js'
import { differenceOf } from '../write/difference.js'
import { withDeleted, withoutDeleted } from '../write/guard.js'
import { equalStored, isSameValue } from '../write/seen.js'
import type { UniqueMarker } from '../write/unique.js'
import { addLibraryFields, resultOf } from '../write/update.js'
import { brokenRule, conditionFailed, rowNotDeleted, rowNotFound } from '../write/write-errors.js'
import { assetViolations } from './asset-references.js'
import { recordEntry } from './audit.js'
import { keepingOwn } from './counts.js'
import { Lookups } from './crql/lookups.js'
import { guardsOf } from './guarded-refs.js'
import { visible } from './hiding.js'
import { withLineage } from './lineage.js'
import { lockViolations } from './locks.js'
import type { ModelRules } from './model-rules.js'
import { handleReferrers } from './on-delete.js'
import { referenceViolations } from './references.js'
import { existing, restored, softDeleted } from './soft-delete.js'
import { uniqueWithinViolations } from './unique-within.js'
import { enforce, outside, ruleContext, visibleRow } from './visibility.js'

/** One save on its way through the rules. */
interface Save {
  readonly operation: RuleOperation
  readonly before: Item | undefined
  /** The row to be stored, as far as the program determines it. */
  readonly after: Item
  readonly hasGeneratedKey?: boolean | undefined
}

/** What a save leads to once the row is in the view of its transaction. */
interface Saved {
  readonly row: Item
  readonly guards: readonly RefGuard[]
  readonly save: Save
}

/** Rows of a model with rules: reads return what the scope may read, writes pass the rules. */
export class RuledRows implements Rows {
  readonly #rows: Rows
  readonly #rules: ModelRules

  constructor(rows: Rows, rules: ModelRules) {
    this.#rows = rows
    this.#rules = rules
  }

  async read(context: RowContext, key: Key, consistent: boolean): Promise<Item | undefined> {
    return visibleRow(context, await this.#rows.read(context, key, consistent))
  }

  async readMany(context: RowContext, keys: readonly Key[], consistent: boolean): Promise<(Item | undefined)[]> {
    const rows = await this.#rows.readMany(context, keys, consistent)
    const allowed = new Set(
      await visible(
        context,
        rows.filter(row => row !== undefined),
      ),
    )
    return rows.map(row => (row && allowed.has(row) ? row : undefined))
  }

  async owner(context: RowContext, marker: UniqueMarker, consistent: boolean): Promise<Item | undefined> {
    return visibleRow(context, await this.#rows.owner(context, marker, consistent))
  }

  create(context: RowContext, row: Item, { hasGeneratedKey }: WriteRules): Promise<Item> {
    return inTurn(context, async (inner, overlay) => {
      const saved = await this.#save(inner, { operation: 'create', before: undefined, after: row, hasGeneratedKey })
      const created = await overlay.create(withDeleted(inner), saved.row)
      this.#entered(inner, overlay, saved)
      await this.#audit(inner, overlay, 'create', undefined, created)
      return created
    })
  }

  put(context: RowContext, row: Item, rules: WriteRules): Promise<Item> {
    return inTurn(context, async (inner, overlay) => {
      const { model } = inner
      const key = keyOf(model, row)
      const before = await overlay.read(withDeleted(inner), key)
      if (before && !(await visibleRow(inner, before))) throw new PermissionDeniedError(model.name, 'put')
      if (before && model.isDeleted(before)) throw await existing(inner, key, before)
      const broken = brokenRule(model, key, rules, before)
      if (broken) throw broken
      if (before) await enforce(inner, before, 'put')
      const saved = await this.#save(inner, {
        operation: 'put',
        before,
        after: keepingOwn(overwriting(inner, row, before), before),
        hasGeneratedKey: rules.hasGeneratedKey,
      })
      return this.#replace(inner, overlay, saved)
    })
  }

  update(context: RowContext, { row: { key }, changes, rules }: RowChange): Promise<Item> {
    return inTurn(context, async (inner, overlay) => {
      const { model, db } = inner
      const before = await visibleRow(inner, await overlay.read(withoutDeleted(inner), key))
      if (!before) throw rowNotFound(model, key)
      const broken = brokenRule(model, key, rules, before)
      if (broken) throw broken
      if (isUnchanged(changes)) return overlay.refresh(inner, before)
      await enforce(inner, before, 'update')
      addLibraryFields(inner, changes, db.revision())
      const after = await resultOf(inner, changes, model, before)
      return this.#replace(inner, overlay, await this.#save(inner, { operation: 'update', before, after }))
    })
  }

  remove(context: RowContext, { key }: RowKey, rules: WriteRules): Promise<Item | undefined> {
    return inTurn(context, async (inner, overlay) => {
      const { model } = inner
      const before = await visibleRow(inner, await overlay.read(withoutDeleted(inner), key))
      if (rules.condition && !before) throw conditionFailed(model, key, undefined)
      const broken = brokenRule(model, key, rules, before)
      if (broken) throw broken
      if (!before) return undefined
      await enforce(inner, before, 'delete')
      checkUpgraded(model, before)
      this.#addHooks(inner, 'Delete', { operation: 'delete', before, after: before })
      const after = model.softDelete ? softDeleted(inner, before) : undefined
      await overlay.replace(inner, key, after)
      overlay.release(inner, key)
      await this.#audit(inner, overlay, 'delete', before, after)
      await handleReferrers(inner, overlay, before)
      return before
    })
  }

  /**
   * Makes a soft-deleted row visible again. It passes all rules, as a new row would.
   * @throws NotFoundError if there is no soft-deleted row with this key.
   */
  restore(context: RowContext, key: Key): Promise<Item> {
    return inTurn(context, async (inner, overlay) => {
      const before = await this.#deleted(inner, overlay, key)
      await enforce(inner, before, 'restore')
      const saved = await this.#save(inner, { operation: 'restore', before, after: restored(inner, before) })
      return this.#replace(inner, overlay, saved)
    })
  }

  /** Deletes a soft-deleted row for good, with the hooks of a delete. @throws NotFoundError if there is no soft-deleted row with this key. */
  purge(context: RowContext, key: Key): Promise<Item> {
    return inTurn(context, async (inner, overlay) => {
      const before = await this.#deleted(inner, overlay, key)
      await enforce(inner, before, 'purge')
      checkUpgraded(inner.model, before)
      this.#addHooks(inner, 'Delete', { operation: 'purge', before, after: before })
      await overlay.replace(inner, key, undefined)
      await handleReferrers(inner, overlay, before)
      await this.#audit(inner, overlay, 'purge', before, undefined)
      return before
    })
  }

  /** Replaces the row of a save in the view. */
  async #replace(context: RowContext, overlay: Overlay, saved: Saved): Promise<Item> {
    const { row, save } = saved
    await overlay.replace(context, keyOf(context.model, row), row)
    this.#entered(context, overlay, saved)
    await this.#audit(context, overlay, save.operation, save.before, row)
    return row
  }

  /** Hooks and guards of a row that the commit will store. A write that fails before has none. */
  #entered(context: RowContext, overlay: Overlay, { row, guards, save }: Saved): void {
    this.#addHooks(context, 'Save', { ...save, after: row })
    overlay.hold(context, keyOf(context.model, row), guards)
  }

  async #audit(
    context: RowContext,
    overlay: Overlay,
    operation: RuleOperation,
    before: Item | undefined,
    after: Item | undefined,
  ): Promise<void> {
    const { audit } = this.#rules
    if (audit) await recordEntry(context, overlay, audit, operation, before, after)
  }

  async #deleted(context: RowContext, overlay: Overlay, key: Key): Promise<Item> {
    const sees = withDeleted(context)
    const row = await visibleRow(sees, await overlay.read(sees, key))
    if (!row) throw rowNotFound(context.model, key)
    if (!context.model.isDeleted(row)) throw rowNotDeleted(context.model, key)
    return row
  }

  refresh(context: RowContext, row: Item): Promise<Item> {
    return this.#rows.refresh(context, row)
  }

  /**
   * Takes a row through the rules.
   * @returns the row to store, and what storing it requires.
   * @throws RuleViolationError with every violation; PermissionDeniedError; UnreadableError.
   */
  async #save(context: RowContext, save: Save): Promise<Saved> {
    const { model } = context
    // Neither locks nor hooks can compare with a row that cannot be upgraded.
    if (save.before) checkUpgraded(model, save.before)
    const processed = await this.#processed(context, save)
    checkSameKey(context, save, processed)
    const row = await withLineage(context, this.#rules, save.before, processed)
    // Before the constraints, whose violations tell of rows that somebody without permission must not learn about.
    await enforce(context, row, save.operation)
    const final: Save = { ...save, after: row }
    const { locks, uniqueWithin, references, hasAssets } = this.#rules
    const lookups = new Lookups(context)
    // What a restored row refers to may have been deleted while it was.
    const isChanged = (attribute: string): boolean =>
      save.operation === 'restore' || !equalStored(save.before?.[attribute], row[attribute])
    const refs = await guardsOf(context, this.#rules.refs, row, isChanged)
    const violations: Violation[] = [
      ...(await this.#validated(context, final)),
      ...uniqueWithinViolations(uniqueWithin, row),
      ...lockViolations(locks, save.before, row),
      ...(await referenceViolations(context, references, row, isChanged, lookups)),
      ...refs.violations,
      ...(hasAssets ? await assetViolations(context, save.before, row) : []),
    ]
    if (violations.length > 0) throw new RuleViolationError({ ...rowDetails(model, keyOf(model, row)), violations })
    return { row, guards: refs.guards, save }
  }

  /** The row as `preProcess` leaves it. */
  async #processed(context: RowContext, save: Save): Promise<Item> {
    const { hooks } = this.#rules
    if (!hooks.preProcess) return save.after
    const { model } = context
    const draft = fieldsOf(context.model, save.after)
    const seen = fieldsOf(context.model, save.after)
    await outside(context, () => hooks.preProcess?.(draft, this.#hookContext(context, save)))
    const isSame =
      Object.keys(draft).every(name => model.byName.has(name)) &&
      model.fields.every(({ name, spec }) => isSameValue(spec, draft[name], seen[name]))
    if (isSame) return save.after
    if (!save.before) return newRow(context, draft, true)
    const changes = await differenceOf(model, draft, seen, save.after)
    return resultOf(context, changes, model, save.after)
  }

  async #validated(context: RowContext, save: Save): Promise<Violation[]> {
    const row = fieldsOf(context.model, save.after)
    const { hooks } = this.#rules
    const problems = await outside(context, () => hooks.validate?.(row, this.#hookContext(context, save)))
    return this.#problems(context, problems ?? []).map(({ path, message }) => {
      const steps = typeof path === 'string' ? [path] : path
      return { rule: 'validate', path: steps, message, value: valueAt(row, steps) }
    })
  }

  /** @throws ValidationError for anything but a list of problems, which would otherwise be lost. */
  #problems({ model }: RowContext, given: readonly Problem[]): readonly Problem[] {
    const isPath = (path: unknown) => typeof path === 'string' || Array.isArray(path)
    const isList =
      Array.isArray(given) && given.every(problem => typeof problem?.message === 'string' && isPath(problem.path))
    if (isList) return given
    const message = `returned ${valueText(given)}; return undefined or a list of problems with path and message`
    throw invalid([model.name, 'rules', 'hooks', 'validate'], message)
  }

  #addHooks(context: RowContext, kind: 'Save' | 'Delete', save: Save): void {
    const { hooks } = this.#rules
    const { model, scope } = context
    const key = keyOf(model, save.after)
    const [pre, post] = [hooks[`pre${kind}`], hooks[`post${kind}`]]
    if (!pre && !post) return
    // Each hook receives copies of its own, so what it changes is ignored.
    const call = (hook: typeof pre) =>
      hook && (async () => hook(fieldsOf(context.model, save.after), this.#hookContext(context, save)))
    scope.overlay?.hooks.add({
      details: rowDetails(model, key),
      row: save.hasGeneratedKey ? `new ${model.name}` : identity(model.table, key),
      pre: { name: `pre${kind}`, run: call(pre) },
      post: { name: `post${kind}`, run: call(post) },
    })
  }

  #hookContext(context: RowContext, { operation, before, after }: Save): HookContext {
    const changed = context.model.fields.filter(({ attribute }) => !equalStored(before?.[attribute], after[attribute]))
    return {
      ...ruleContext(context),
      operation,
      original: before && fieldsOf(context.model, before),
      changed: operation === 'delete' || operation === 'purge' ? [] : changed.map(({ name }) => name),
    }
  }
}

/**
 * Only a create may store its row under another key than the program gave: it requires that no row has that key. Another
 * write would overwrite a row that it has not read, and so without the rules of that row.
 * @throws ValidationError
 */
function checkSameKey({ model }: RowContext, { operation, after }: Save, row: Item): void {
  if (operation === 'create' || identity(model.table, keyOf(model, row)) === identity(model.table, keyOf(model, after)))
    return
  throw invalid([model.name, 'rules', 'hooks', 'preProcess'], `changed the key of a row in a ${operation}; use create`)
}

function valueAt(row: unknown, path: readonly (string | number)[]): unknown {
  let part = row
  for (const step of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step)) return undefined
    part = (part as { readonly [name: string]: unknown })[step]
  }
  return part
}
