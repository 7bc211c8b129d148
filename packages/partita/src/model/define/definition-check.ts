/** Checks the definition of a single model. Conflicts between models are checked when they are connected. */

import { type Issue, type IssuePath, valueText, withArticle } from '../../errors/errors.js'
import { didYouMean } from '../../errors/nearest.js'
import { isPlainObject } from '../../value/value.js'
import { storedDefault } from './codec.js'
import type { ModelDefinition } from './definition.js'
import type { FieldSpec } from './field.js'
import { isField } from './field-builder.js'
import { canBeInKeys, KINDS } from './field-kinds.js'
import { unknownName } from './input-issues.js'
import { beginningWith, meet, patternOf } from './key-overlap.js'
import { hasFixedPart } from './readonly-parts.js'
import { checkSoftDelete } from './soft-delete-check.js'
import { fieldNames, parseTemplate, separatorProblem, type TemplatePart } from './template.js'

const PARTS = [
  'fields',
  'key',
  'unique',
  'indexes',
  'relations',
  'iterable',
  'type',
  'encoding',
  'softDelete',
  'upgrade',
  'rules',
  'database',
]
const MODEL_NAME = /^[A-Z][A-Za-z0-9_]{0,254}$/
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/
/** Names of methods of records and of members of every object. */
const TAKEN = new Set([
  'save',
  'update',
  'delete',
  'reload',
  'toJSON',
  'constructor',
  'then',
  ...Object.getOwnPropertyNames(Object.prototype),
])
/** Kinds that a model can have only once. */
const ONCE = ['ttl', 'version', 'deletedAt'] as const
/** Maximum number of buckets of the iteration index. */
export const MAX_BUCKETS = 1000
/** Prefixes of partition keys that the library reserves; the first is that of tenants. */
export const RESERVED_PREFIXES = ['T#', 'UNIQUE#', 'ITERATE#', 'PARTITA#'] as const

/** The templates of a key. The default of the sort key is the type name. */
export function keyTemplates(
  name: string,
  { key, type }: ModelDefinition,
): { readonly pk: string; readonly sk: string } {
  const typeName = type ?? name
  if (typeof key === 'string') return { pk: `${typeName}#{${key}}`, sk: typeName }
  return { pk: key.pk, sk: key.sk ?? typeName }
}

/** The fields of a unique constraint. */
export function uniqueFields(unique: NonNullable<ModelDefinition['unique']>[string]): readonly string[] {
  return 'fields' in unique ? unique.fields : unique
}

/** Lists all mistakes of a definition. */
export function definitionIssues(name: unknown, definition: unknown): Issue[] {
  const issues: Issue[] = []
  const report = (path: IssuePath, message: string): void => {
    issues.push({ path: [String(name), ...path], message })
  }
  if (typeof name !== 'string' || !MODEL_NAME.test(name)) {
    report([], 'is not a model name; use a capital letter followed by letters, digits and _')
  }
  for (const part of isPlainObject(definition) ? Object.keys(definition) : []) {
    if (PARTS.includes(part)) continue
    report([part], `is not a part of a model; the parts are ${PARTS.join(', ')}${didYouMean(part, PARTS)}`)
  }
  if (!isPlainObject(definition) || !isPlainObject(definition.fields)) {
    report(['fields'], 'are missing; define the fields and the key of the model')
    return issues
  }
  new DefinitionCheck(String(name), definition as unknown as ModelDefinition, report).run()
  return issues
}

type Report = (path: IssuePath, message: string) => void

class DefinitionCheck {
  readonly #name: string
  readonly #definition: ModelDefinition
  readonly #report: Report
  readonly #specs = new Map<string, FieldSpec>()

  constructor(name: string, definition: ModelDefinition, report: Report) {
    this.#name = name
    this.#definition = definition
    this.#report = report
  }

  run(): void {
    this.#checkFields()
    this.#checkKey()
    this.#checkIndexes()
    this.#checkUnique()
    this.#checkRelations()
    const { iterable, type, encoding, softDelete, upgrade, database } = this.#definition
    checkSoftDelete(softDelete, this.#specs, this.#report)
    if (typeof iterable === 'object') {
      const { buckets } = iterable
      if (!Number.isInteger(buckets) || buckets < 1 || buckets > MAX_BUCKETS) {
        this.#report(['iterable', 'buckets'], `is ${buckets}; use 1 to ${MAX_BUCKETS} buckets`)
      }
    }
    if (type !== undefined && type !== null && (typeof type !== 'string' || !/^[A-Za-z][\w/.-]*$/.test(type))) {
      this.#report(['type'], `is ${valueText(type)}; use a letter followed by letters, digits and _ - . /`)
    }
    if (encoding !== undefined && encoding !== 'escaped' && encoding !== 'raw') {
      this.#report(['encoding'], `is ${valueText(encoding)}; use escaped or raw`)
    }
    for (const [at, step] of upgrade === undefined ? [] : [upgrade].flat().entries()) {
      if (typeof step !== 'function') {
        const steps = 'it is a function that takes a stored row, or a list of such functions'
        this.#report(Array.isArray(upgrade) ? ['upgrade', at] : ['upgrade'], `is ${valueText(step)}; ${steps}`)
      }
    }
    if (database !== undefined && (typeof database !== 'string' || database === '')) {
      this.#report(['database'], `is ${valueText(database)}; it is the id of a database`)
    }
  }

  #checkFields(): void {
    const { fields, relations } = this.#definition
    const attributes = new Map<string, string>()
    for (const [name, field] of Object.entries(fields)) {
      const at = ['fields', name]
      if (!isField(field)) {
        this.#report(at, 'is not a field; create one with f, such as f.string()')
        continue
      }
      const { spec } = field
      this.#specs.set(name, spec)
      if (!FIELD_NAME.test(name) || TAKEN.has(name)) this.#report(at, 'cannot be the name of a field')
      if (Object.hasOwn(relations ?? {}, name)) this.#report(at, 'is also the name of a relation')
      this.#checkSpec(at, spec)
      const attribute = spec.attribute ?? name
      if (attribute === '' || TAKEN.has(attribute)) this.#report(at, `cannot be stored as ${valueText(attribute)}`)
      const other = attributes.get(attribute)
      if (other !== undefined) this.#report(at, `is stored as ${attribute}, like ${other}`)
      attributes.set(attribute, name)
    }
    for (const kind of ONCE) {
      const names = [...this.#specs].filter(([, spec]) => spec.kind === kind).map(([name]) => name)
      if (names.length > 1) this.#report(['fields'], `has ${names.length} of kind ${kind}: ${names.join(', ')}`)
    }
  }

  #checkSpec(at: IssuePath, spec: FieldSpec, isInner = false): void {
    if (isInner && spec.kind === 'deletedAt')
      this.#report(at, 'is a deletedAt, which is the time of the row; use f.date()')
    if (spec.fallback !== undefined && typeof spec.fallback !== 'function') {
      const issues: Issue[] = []
      storedDefault(spec, issues)
      for (const { path, message } of issues) this.#report([...at, 'default', ...path], message)
    }
    if (
      spec.kind === 'set' &&
      !['text', 'number'].includes(KINDS[spec.element?.kind ?? 'json'].key ?? '') &&
      spec.element?.kind !== 'bytes'
    ) {
      this.#report(at, `is a set of ${spec.element?.kind}; use text, numbers or bytes`)
    }
    if (spec.kind === 'enum' && ((spec.values ?? []).length === 0 || spec.values?.some(it => typeof it !== 'string'))) {
      this.#report(at, `has the values ${valueText(spec.values)}; pass texts to f.enum, such as f.enum('a', 'b')`)
    }
    if (spec.kind === 'list' && spec.element && hasFixedPart(spec.element)) {
      this.#report(at, 'holds a read-only field, but elements of a list change their positions; use a record or a map')
    }
    if (spec.element) this.#checkSpec([...at, 'element'], spec.element, true)
    for (const [name, inner] of Object.entries(spec.shape ?? {})) this.#checkSpec([...at, name], inner, true)
  }

  #checkKey(): void {
    const { key } = this.#definition
    if (typeof key !== 'string' && !isPlainObject(key)) {
      this.#report(['key'], 'is missing; give the name of a field, or { pk: ... } with a template')
      return
    }
    if (typeof key === 'string' && !this.#specs.has(key)) {
      const hint = didYouMean(key, this.#specs.keys())
      this.#report(['key'], `${valueText(key)} is not a field; write { pk: ... } for a template${hint}`)
      return
    }
    if (typeof key !== 'string') this.#checkParts(['key'], key, ['pk', 'sk'])
    const { pk, sk } = keyTemplates(this.#name, this.#definition)
    for (const [part, template] of Object.entries({ pk, sk })) {
      const parts = this.#checkTemplate(typeof key === 'string' ? ['key'] : ['key', part], template)
      for (const name of fieldNames(parts ?? [])) {
        if (this.#specs.get(name)?.optional) this.#report(['key', part], `has {${name}}, which is optional`)
      }
      if (part === 'pk' && parts) this.#checkReserved(['key', 'pk'], parts)
    }
  }

  #checkIndexes(): void {
    const taken = new Map<string, string>()
    for (const [name, index] of Object.entries(this.#definition.indexes ?? {})) {
      const at = ['indexes', name]
      if (name === 'key') this.#report(at, 'is reserved for the key of the table; rename the index')
      if (!isPlainObject(index) || typeof index.on !== 'string') {
        this.#report([...at, 'on'], 'is missing; name the physical index, such as gsi1')
        continue
      }
      const other = taken.get(index.on)
      if (other !== undefined) this.#report([...at, 'on'], `is ${index.on}, like that of ${other}`)
      taken.set(index.on, name)
      this.#checkParts(at, index, ['on', 'pk', 'sk', 'when'])
      const parts = this.#checkTemplate([...at, 'pk'], index.pk)
      if (parts) this.#checkReserved([...at, 'pk'], parts)
      if (index.sk !== undefined) this.#checkTemplate([...at, 'sk'], index.sk)
    }
  }

  #checkParts(at: IssuePath, parts: object, known: readonly string[]): void {
    for (const part of Object.keys(parts)) {
      if (!known.includes(part)) this.#report([...at, part], `is not supported here; use ${known.join(', ')}`)
    }
  }

  #checkTemplate(at: IssuePath, template: unknown): readonly TemplatePart[] | undefined {
    const parts = parseTemplate(template)
    if (typeof parts === 'string') {
      this.#report(at, parts)
      return undefined
    }
    const problem = this.#definition.encoding === 'raw' ? undefined : separatorProblem(parts)
    if (problem !== undefined) this.#report(at, problem)
    for (const name of fieldNames(parts)) {
      const spec = this.#specs.get(name)
      if (!spec) this.#report(at, `has {${name}}, which ${this.#unknownField(name)}`)
      else if (!canBeInKeys(spec)) this.#report(at, `has {${name}}, ${withArticle(spec.kind)}, which a key cannot hold`)
    }
    return parts
  }

  #unknownField(name: string): string {
    return unknownName(name, [...this.#specs.keys()], 0, `of ${this.#name}`)
  }

  /** Rejects keys that could begin with a reserved prefix: they could collide with the library's keys or with a tenant's. */
  #checkReserved(at: IssuePath, parts: readonly TemplatePart[]): void {
    const [first] = parts
    if (typeof first !== 'string' && this.#definition.encoding === 'raw') return
    // Most keys begin with text that decides alone.
    if (typeof first === 'string' && !RESERVED_PREFIXES.some(it => it.startsWith(first) || first.startsWith(it))) return
    const pattern = patternOf(parts, name => this.#specs.get(name), this.#definition.encoding === 'raw')
    const prefix = RESERVED_PREFIXES.find(reserved => meet(pattern, beginningWith(reserved)))
    if (prefix !== undefined) {
      this.#report(at, `could begin with ${prefix}, which is reserved for the library; begin it with other text`)
    }
  }

  #checkUnique(): void {
    const combinations = new Map<string, string>()
    for (const [name, unique] of Object.entries(this.#definition.unique ?? {})) {
      const at = ['unique', name]
      const fields =
        Array.isArray(unique) || isPlainObject(unique) ? uniqueFields(unique as readonly string[]) : undefined
      if (!Array.isArray(fields) || fields.length === 0) {
        this.#report(at, `is ${valueText(unique)}; give a list of fields, such as { email: ['email'] }`)
        continue
      }
      for (const field of fields) {
        const spec = this.#specs.get(field)
        if (!spec) this.#report(at, `has ${valueText(field)}, which ${this.#unknownField(field)}`)
        else if (!canBeInKeys(spec)) this.#report(at, `has ${field}, ${withArticle(spec.kind)}, which cannot be unique`)
      }
      if (isPlainObject(unique)) this.#checkParts(at, unique, ['fields', 'lower', 'trim'])
      const combination = [...fields].sort().join(' ')
      const other = combinations.get(combination)
      if (other !== undefined) this.#report(at, `has the same fields as ${other}`)
      combinations.set(combination, name)
    }
  }

  #checkRelations(): void {
    for (const [name, relation] of Object.entries(this.#definition.relations ?? {})) {
      const at = ['relations', name]
      if (!FIELD_NAME.test(name) || TAKEN.has(name)) this.#report(at, 'cannot be the name of a relation')
      if (!isPlainObject(relation) || typeof relation.kind !== 'string') {
        this.#report(at, 'is not a relation; create one with one, many or through')
        continue
      }
      const { fields } = relation
      const own = typeof fields === 'string' ? [fields] : Object.values((fields ?? {}) as Record<string, string>)
      for (const field of own) {
        if (!this.#specs.has(field)) this.#report(at, `has ${valueText(field)}, which ${this.#unknownField(field)}`)
      }
    }
  }
}
