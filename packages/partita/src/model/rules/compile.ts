/** Compiles the rules of connected models, and reports everything in them that does not fit. */
import { type Issue, ValidationError, valueText } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import { holdsAssets } from '../assets/fields.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'
import { secondsProblem } from '../define/soft-delete-check.js'
import type { AnyRules, AuditOptions, Hooks, InheritedPermissions, Permissions } from '../types/rules.js'
import { type Audit, auditOf } from './audit.js'
import { resolveBelow, resolvePath } from './crql/document-path.js'
import { type GuardedRef, guardedRefs } from './guarded-refs.js'
import type { Lock } from './locks.js'
import type { CompiledPermissions, ModelRules } from './model-rules.js'
import { compileReferences } from './references.js'
import { compileReferrers, type Referrer } from './referrers.js'
import type { UniqueWithin } from './unique-within.js'

const PARTS = ['permissions', 'hooks', 'locks', 'uniqueWithin', 'references', 'limits', 'audit']
const AUDIT_PARTS = ['expireAfter', 'actor']
const HOOKS = ['preProcess', 'validate', 'preSave', 'postSave', 'preDelete', 'postDelete']

type Models = ReadonlyMap<string, CompiledModel>

/**
 * The rules of the models that have some. Soft-deleted models, models with guarded refs or assets, and models that refs with
 * `onDelete` refer to have rules too: their writes need the same pipeline.
 * @throws ValidationError listing every mistake.
 */
export function compileRules(models: Models): Map<CompiledModel, ModelRules> {
  const issues: Issue[] = []
  const compiled = new Map<CompiledModel, Omit<ModelRules, 'hasHeirs'>>()
  const refs = new Map([...models.values()].map(model => [model, guardedRefs(models, model, issues)]))
  const referrers = compileReferrers(refs, issues)
  for (const [model, own] of refs) {
    const referring = referrers.get(model) ?? []
    const hasAssets = model.fields.some(({ spec }) => holdsAssets(spec))
    if (model.rules !== undefined || model.softDelete || own.length + referring.length > 0 || hasAssets) {
      compiled.set(model, { ...new RulesCompiler(models, model, own, referring, issues).compile(), hasAssets })
    }
  }
  for (const { model, permissions } of compiled.values()) {
    if (permissions.kind === 'inherited' && !endsSomewhere(compiled, model)) {
      issues.push({ path: [model.name, 'rules', 'permissions'], message: 'are inherited in a circle' })
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  const heirs = new Set(
    [...compiled.values()].flatMap(({ permissions }) =>
      permissions.kind === 'inherited' ? [permissions.parent.model] : [],
    ),
  )
  return new Map([...compiled].map(([model, rules]) => [model, { ...rules, hasHeirs: heirs.has(model) }]))
}

function endsSomewhere(
  compiled: ReadonlyMap<CompiledModel, Omit<ModelRules, 'hasHeirs'>>,
  model: CompiledModel,
): boolean {
  const seen = new Set<CompiledModel>()
  let at: CompiledModel = model
  while (!seen.has(at)) {
    seen.add(at)
    const permissions = compiled.get(at)?.permissions
    if (permissions?.kind !== 'inherited') return true
    at = permissions.parent.model
  }
  return false
}

/** Whether a path leads through the elements of a list or set, so that it names several values. */
function passesList(spec: FieldSpec, names: readonly string[]): boolean {
  let at: FieldSpec | undefined = spec
  for (const name of names) {
    if (at?.kind === 'list' || at?.kind === 'set') return true
    at = at?.kind === 'map' && Object.hasOwn(at.shape ?? {}, name) ? at.shape?.[name] : at?.element
  }
  return false
}

class RulesCompiler {
  readonly #models: Models
  readonly #model: CompiledModel
  readonly #refs: readonly GuardedRef[]
  readonly #referrers: readonly Referrer[]
  readonly #issues: Issue[]

  constructor(
    models: Models,
    model: CompiledModel,
    refs: readonly GuardedRef[],
    referrers: readonly Referrer[],
    issues: Issue[],
  ) {
    this.#models = models
    this.#model = model
    this.#refs = refs
    this.#referrers = referrers
    this.#issues = issues
  }

  compile(): Omit<ModelRules, 'hasAssets' | 'hasHeirs'> {
    const rules = this.#given()
    const { hooks = {}, locks = [], uniqueWithin = {}, references = {}, limits = {} } = rules ?? {}
    const record = (part: keyof AnyRules, given: unknown): Readonly<Record<string, unknown>> => {
      if (isPlainObject(given)) return given
      this.#report([part], `is ${valueText(given)}; it is an object with the names of fields`)
      return {}
    }
    const compileQueries = (kind: 'references' | 'limits', given: unknown) =>
      compileReferences(this.#models, this.#model, kind, record(kind, given), this.#issues)
    return {
      model: this.#model,
      permissions: rules ? this.#permissions(rules.permissions) : { kind: 'http' },
      hooks: this.#hooks(hooks),
      locks: this.#changeable(this.#locks(locks)),
      uniqueWithin: Object.entries(record('uniqueWithin', uniqueWithin)).flatMap(([field, keys]) =>
        this.#uniqueWithin(field, keys),
      ),
      references: [...compileQueries('references', references), ...compileQueries('limits', limits)],
      refs: this.#refs,
      referrers: this.#referrers,
      audit: this.#audit(rules?.audit),
    }
  }

  #given(): Partial<AnyRules> | undefined {
    const { rules } = this.#model
    if (rules === undefined) return undefined
    if (!isPlainObject(rules)) {
      this.#report([], `are ${valueText(rules)}; they are an object with ${PARTS.join(', ')}`)
      return { permissions: 'http' }
    }
    for (const part of Object.keys(rules)) {
      if (!PARTS.includes(part)) this.#report([part], `is not a kind of rule; there are ${PARTS.join(', ')}`)
    }
    return rules as Partial<AnyRules>
  }

  #permissions(given: unknown): CompiledPermissions {
    if (given === 'http') return { kind: 'http' }
    const wanted = "use { conditions, enforce }, inherit('field'), or 'http' if the program checks them itself"
    if (given === undefined) {
      this.#report(['permissions'], `are missing; ${wanted}`)
    } else if (isPlainObject(given) && 'inherit' in given) {
      return this.#inherited(given as unknown as InheritedPermissions)
    } else if (!isPlainObject(given) || typeof given.enforce !== 'function') {
      const lacks = isPlainObject(given)
        ? 'have no function enforce, which decides on writes'
        : `are ${valueText(given)}`
      this.#report(['permissions'], `${lacks}; ${wanted}`)
    } else if (given.conditions !== undefined && typeof given.conditions !== 'function') {
      this.#report(
        ['permissions', 'conditions'],
        `is ${valueText(given.conditions)}; it is a function that returns a filter`,
      )
    } else return { kind: 'own', permissions: given as unknown as Permissions }
    return { kind: 'http' }
  }

  #inherited({ inherit }: InheritedPermissions): CompiledPermissions {
    const at = ['permissions', 'inherit']
    const spec = this.#model.byName.get(inherit)?.spec
    const parent = spec?.kind === 'ref' ? this.#models.get(spec.target as string) : undefined
    const [keyField, another] = parent?.keyFields ?? []
    if (!parent) this.#report(at, `is ${valueText(inherit)}; it is the name of a ref field of ${this.#model.name}`)
    else if (parent.rules === undefined)
      this.#report(at, `refers to ${parent.name}, which has no rules and so no permissions`)
    else if (!keyField || another) this.#report(at, `refers to ${parent.name}, whose key has several fields`)
    else return { kind: 'inherited', parent: { model: parent, field: inherit, keyField: keyField.name } }
    return { kind: 'http' }
  }

  #hooks(given: unknown): Hooks {
    if (!isPlainObject(given)) {
      this.#report(['hooks'], `are ${valueText(given)}; they are an object with functions`)
      return {}
    }
    for (const [name, hook] of Object.entries(given)) {
      if (!HOOKS.includes(name)) this.#report(['hooks', name], `is not a hook; there are ${HOOKS.join(', ')}`)
      else if (hook !== undefined && typeof hook !== 'function') this.#report(['hooks', name], 'is not a function')
    }
    return given as Hooks
  }

  #audit(given: unknown): Audit | undefined {
    if (given === undefined || given === false) return undefined
    if (given !== true && !isPlainObject(given)) {
      this.#report(['audit'], `is ${valueText(given)}; it is true, or an object with expireAfter and actor`)
      return undefined
    }
    const options = given === true ? {} : given
    for (const part of Object.keys(options)) {
      if (!AUDIT_PARTS.includes(part))
        this.#report(['audit', part], `is not an option of audit; there are ${AUDIT_PARTS.join(', ')}`)
    }
    const { expireAfter, actor } = options as AuditOptions
    const problem = expireAfter === undefined ? undefined : secondsProblem(expireAfter)
    if (problem !== undefined) this.#report(['audit', 'expireAfter'], problem)
    if (actor !== undefined && typeof actor !== 'function') this.#report(['audit', 'actor'], 'is not a function')
    return auditOf(this.#model, { ...(expireAfter !== undefined && { expireAfter }), ...(actor && { actor }) })
  }

  #locks(given: unknown): Lock[] {
    return this.#names(['locks'], given).flatMap(name => {
      const path = resolvePath(this.#model, name.split('.'))
      if (typeof path !== 'string') return [{ path: path.steps as readonly string[], at: name.split('.') }]
      this.#report(['locks'], path)
      return []
    })
  }

  /** Reports locks of refs that a delete clears. */
  #changeable(locks: Lock[]): Lock[] {
    for (const { field, onDelete } of this.#refs) {
      if (onDelete !== 'setNull' || !locks.some(({ path }) => path[0] === field.attribute)) continue
      this.#report(['locks'], `has ${field.name}, which onDelete: 'setNull' clears`)
    }
    return locks
  }

  #uniqueWithin(field: string, given: unknown): UniqueWithin[] {
    const at = ['uniqueWithin', field]
    const compiled = this.#model.byName.get(field)
    const element = compiled?.spec.kind === 'list' ? (compiled.spec.element as FieldSpec) : undefined
    if (!compiled || !element) {
      this.#report(at, `is not a list of ${this.#model.name}`)
      return []
    }
    const isList = Array.isArray(given) && given.length > 0 && given.every(key => Array.isArray(key))
    const keys = isList ? given : [given]
    const time = resolveBelow(element, ['deletedAt'])
    return keys.map(key => ({
      field,
      attribute: compiled.attribute,
      parts: this.#names(at, key).flatMap(name => {
        const names = name.split('.')
        const path = passesList(element, names)
          ? `${name} passes through a list; its elements would need a key of their own`
          : resolveBelow(element, names)
        if (typeof path !== 'string') return [{ name, path: path.steps as readonly string[] }]
        this.#report(at, path)
        return []
      }),
      deletedAt: typeof time === 'string' ? undefined : (time.steps as readonly string[]),
    }))
  }

  #names(at: readonly string[], given: unknown): readonly string[] {
    if (Array.isArray(given) && given.every(name => typeof name === 'string' && name !== '')) {
      if (given.length > 0 || at[0] === 'locks') return given
    }
    this.#report(at, `is ${valueText(given)}; it is a list of names`)
    return []
  }

  #report(path: readonly string[], message: string): void {
    this.#issues.push({ path: [this.#model.name, 'rules', ...path], message })
  }
}
