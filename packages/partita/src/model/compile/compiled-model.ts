/** A model compiled for one table: its codecs, key templates and constraints. */
import { invalid, valueText } from '../../errors/errors.js'
import type { Condition } from '../../expression/ast.js'
import type { Expiring } from '../../keys/expiry.js'
import type { Item, Key, Value } from '../../value/value.js'
import { type CompiledValue, compileValue, plainDefault } from '../define/codec.js'
import type { AnyModel, UniqueOptions, UpgradeStep } from '../define/definition.js'
import { keyTemplates, uniqueFields } from '../define/definition-check.js'
import type { FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'
import { unknownName } from '../define/input-issues.js'
import type { AnyRelation } from '../define/relation.js'
import { escapeText, type KeyField, parseTemplate, Template, type TemplatePart } from '../define/template.js'
import { hasValidator } from '../define/validators.js'
import { hash } from '../write/ids.js'
import { compileWhen } from './index-condition.js'
import { checkReserved, compileIndex, isReserved, keysIn } from './index-keys.js'
import { indexAttributes, keyNames, NO_SORT_KEY, type PhysicalTable, sortKeyOf, tableKey } from './layout.js'
import { DELETED_AT, type SoftDelete, softDeleteOf } from './soft-delete.js'

/** A compiled field. */
export interface CompiledField extends CompiledValue {
  readonly name: string
  readonly spec: FieldSpec
  /** The stored form of its plain default, which applies to rows that lack the field. */
  readonly storedDefault: Value | undefined
}

/** A compiled index, or the key of the table itself. */
export interface CompiledIndex {
  /** The name in the model. */
  readonly name: string
  /** The name in the table; undefined for the table itself. */
  readonly on: string | undefined
  /** Names of the physical key attributes. */
  readonly pkAttribute: string
  /** Undefined for the key of a table without a sort key, whose `sk` is the empty template. */
  readonly skAttribute: string | undefined
  readonly pk: Template
  readonly sk: Template
  /** The condition of the rows that are in the index; undefined if all rows that have its fields are. */
  readonly when: Condition | undefined
  /** Stored names of the fields in the condition. */
  readonly whenAttributes: readonly string[]
  /** Stored names of the fields in the templates and in the condition. */
  readonly attributes: readonly string[]
  /** Its key attributes that are not fields themselves. */
  readonly derivedAttributes: readonly string[]
}

/** A compiled unique constraint. */
export interface CompiledUnique {
  readonly name: string
  readonly fields: readonly CompiledField[]
  readonly attributes: readonly string[]
  readonly lower: boolean
  readonly trim: boolean
}

/** Default number of partitions of the iteration index. */
export const DEFAULT_BUCKETS = 10

/** A compiled model. */
export class CompiledModel {
  readonly name: string
  /** The type name stored with its rows; null if none is stored. */
  readonly type: string | null
  /** The type name in keys of unique markers and of the iteration index. */
  readonly typeName: string
  readonly table: PhysicalTable
  readonly fields: readonly CompiledField[]
  readonly byName: ReadonlyMap<string, CompiledField>
  readonly key: CompiledIndex
  readonly keyFields: readonly CompiledField[]
  readonly indexes: readonly CompiledIndex[]
  readonly uniques: readonly CompiledUnique[]
  readonly relations: Readonly<Record<string, AnyRelation>>
  readonly version: CompiledField | undefined
  readonly ttl: CompiledField | undefined
  /** Expired rows count as absent, even if the store still holds them. */
  readonly expiring: Expiring
  readonly updatedAt: readonly CompiledField[]
  readonly createdAt: readonly CompiledField[]
  /** Whether it has a counter at any depth. Writes that only count do not increment the version. */
  readonly counts: boolean
  /** Counts of rows of other models. */
  readonly countFields: readonly CompiledField[]
  /** Fields with a validator or a transform at any depth. These may store values that they cannot read back. */
  readonly fragile: readonly CompiledField[]
  /** Fields with validators at any depth. Validators may be asynchronous. */
  readonly validated: readonly CompiledField[]
  /** The rules of its definition, not yet checked. */
  readonly rules: unknown
  /** How its rows are soft-deleted; undefined if they are not. */
  readonly softDelete: SoftDelete | undefined
  /** The steps that bring rows of older forms to the present one; undefined for a model without `upgrade`. */
  readonly steps: readonly UpgradeStep[] | undefined
  /** Number of buckets of the iteration index; 0 if the model is not iterable. */
  readonly buckets: number
  /** Whether a partition key is a field itself, as in existing tables. */
  readonly #keysAreFields: boolean

  /**
   * @param prepare completes a field with what depends on other models.
   * @param isCounted whether its rows hold counts of the rows that refer to them.
   */
  constructor(
    { name, definition }: AnyModel,
    table: PhysicalTable,
    prepare: (field: string, spec: FieldSpec) => FieldSpec = (_, spec) => spec,
    isCounted = false,
  ) {
    this.name = name
    this.table = table
    this.type = definition.type === undefined ? name : definition.type
    this.typeName = this.type ?? name
    this.fields = Object.entries(definition.fields).map(([field, { spec }]) =>
      compileField(field, prepare(field, spec), table),
    )
    this.byName = new Map(this.fields.map(field => [field.name, field]))
    this.relations = definition.relations ?? {}
    const raw = definition.encoding === 'raw'
    const template = (text: string, hasDefaults = true): Template =>
      new Template(
        (parseTemplate(text) as readonly TemplatePart[]).map(part => this.#keyPart(part, hasDefaults)),
        raw,
      )
    const { pk, sk } = keyTemplates(name, definition)
    if (table.sk === undefined && typeof definition.key === 'object' && definition.key.sk !== undefined) {
      throw invalid([name, 'key', 'sk'], NO_SORT_KEY)
    }
    const stored = new Set(this.fields.map(({ attribute }) => attribute))
    this.key = compileIndex(
      'key',
      undefined,
      { pk: table.pk, sk: table.sk },
      template(pk, false),
      table.sk === undefined ? new Template([], raw) : template(sk, false),
      stored,
    )
    this.keyFields = this.#named(this.key.attributes)
    this.indexes = Object.entries(definition.indexes ?? {}).map(([index, { on, pk: partition, sk: sort, when }]) => {
      const at = [name, 'indexes', index]
      const attributes = indexAttributes(table, on)
      if (!attributes) throw invalid([...at, 'on'], `is ${on}; use gsi1 to gsi20 or an index of the layout`)
      const condition = compileWhen(this, when, [...at, 'when'])
      const sorting = template(sort ?? this.typeName)
      const compiled = compileIndex(index, on, attributes, template(partition), sorting, stored, condition)
      if (condition && compiled.derivedAttributes.length === 0) {
        throw invalid([...at, 'when'], 'cannot keep rows out of the index, because the keys of the index are fields')
      }
      return compiled
    })
    this.uniques = Object.entries(definition.unique ?? {}).map(([constraint, unique]) => {
      const fields = uniqueFields(unique).map(field => this.byName.get(field) as CompiledField)
      const { lower = false, trim = false } = unique as Partial<UniqueOptions>
      return { name: constraint, fields, attributes: fields.map(({ attribute }) => attribute), lower, trim }
    })
    this.version = this.fields.find(({ spec }) => spec.kind === 'version')
    this.ttl = this.fields.find(({ spec }) => spec.kind === 'ttl')
    this.softDelete = softDeleteOf(definition)
    const expires = this.ttl !== undefined || this.softDelete?.purgeAfter !== undefined
    this.expiring = { partitionKey: table.pk, expiresAt: expires ? table.ttl : undefined }
    this.createdAt = this.fields.filter(({ spec }) => spec.kind === 'createdAt')
    this.updatedAt = this.fields.filter(({ spec }) => spec.kind === 'updatedAt')
    this.countFields = this.fields.filter(({ spec }) => spec.kind === 'count')
    this.counts = isCounted || this.fields.some(({ spec }) => hasCounter(spec))
    this.fragile = this.fields.filter(({ spec }) => isFragile(spec))
    this.validated = this.fields.filter(({ spec }) => hasValidator(spec))
    this.rules = definition.rules
    this.steps = definition.upgrade === undefined ? undefined : [definition.upgrade].flat()
    const { iterable = true } = definition
    this.buckets = iterable === false ? 0 : iterable === true ? DEFAULT_BUCKETS : iterable.buckets
    this.#keysAreFields = [this.key, ...this.indexes].some(({ pkAttribute }) => stored.has(pkAttribute))
    this.#checkAttributes()
  }

  /** Whether a row is soft-deleted. */
  isDeleted(row: Item): boolean {
    return this.softDelete !== undefined && (row[DELETED_AT] ?? null) !== null
  }

  /** @returns the field. @throws ValidationError listing the fields if it does not exist. */
  field(name: string, at: readonly (string | number)[]): CompiledField {
    const field = this.byName.get(name)
    if (field) return field
    throw invalid(at, `${valueText(name)} ${this.unknownField(name, 0)}`)
  }

  /** The message for an unknown field. @param earlier how many were reported before: only the first lists the fields. */
  unknownField(name: string, earlier: number): string {
    return unknownName(name, [...this.byName.keys()], earlier, `of ${this.name}`)
  }

  /**
   * The physical key of a row.
   * @throws ValidationError if one of its fields is missing or empty.
   */
  primaryKey(row: Item, prefix: string): Key {
    const key: Key = {}
    this.#printKey(row, prefix, key)
    return key
  }

  /** Sets the physical key attributes of a row. Throws as {@link primaryKey}. */
  setKey(row: Item, prefix: string): void {
    this.#printKey(row, prefix, row)
  }

  /** Sets the index key attributes of a row, and deletes those of indexes that the row is not in. */
  setIndexKeys(row: Item, prefix: string, indexes: readonly CompiledIndex[] = this.indexes): void {
    for (const index of indexes) {
      const keys = this.keysIn(index, row, prefix)
      for (const attribute of index.derivedAttributes) {
        if (!keys) delete row[attribute]
        else row[attribute] = attribute === index.pkAttribute ? keys.pk : keys.sk
      }
    }
  }

  /** As {@link keysIn}, for a row that may be soft-deleted. */
  keysIn(index: CompiledIndex, row: Item, prefix: string): ReturnType<typeof keysIn> {
    return this.isDeleted(row) && !this.softDelete?.keepsIndexes ? undefined : keysIn(index, row, prefix)
  }

  /** Sets the iteration key attributes of a row. Its bucket is a hash of its key, which never changes. */
  setIterationKey(row: Item, prefix: string): void {
    if (this.buckets === 0) return
    const spread = hash(`${row[this.table.pk]}\n${sortKeyOf(this.table, row)}`)
    row[this.table.iteration.pk] = this.iterationPartition(prefix, spread % this.buckets)
    row[this.table.iteration.sk] = spread.toString(36)
  }

  /** The partition key of a bucket of the iteration index. */
  iterationPartition(prefix: string, bucket: number): string {
    return `${prefix}ITERATE#${this.typeName}#${bucket}`
  }

  /** Whether iteration finds the row, in any bucket; true for a model that is not iterable. */
  isInIteration(row: Item, prefix: string): boolean {
    if (this.buckets === 0) return true
    const { pk, sk } = this.table.iteration
    const partition = row[pk]
    const isOwn = typeof partition === 'string' && partition.startsWith(`${prefix}ITERATE#${this.typeName}#`)
    return isOwn && typeof row[sk] === 'string'
  }

  /**
   * Whether a stored item is a row of this model and of the tenant with this prefix; of no tenant if it is empty. An index
   * can list rows of other tenants, since other programs may have written index keys with this tenant's prefix.
   */
  owns(item: Item, prefix: string): boolean {
    const pk = item[this.table.pk]
    if (typeof pk !== 'string' || !isOfTenant(pk, prefix)) return false
    if (this.type !== null) return item[this.table.type] === this.type
    return this.readKey(item, prefix) !== undefined
  }

  /** The stored values of the key fields; undefined if the model does not write such keys. */
  readKey(key: Item, prefix: string): Item | undefined {
    const { pk, sk } = this.table
    const [partition, sort] = [key[pk], sk === undefined ? '' : key[sk]]
    if (typeof partition !== 'string' || typeof sort !== 'string') return undefined
    return this.readKeyTexts(partition.slice(prefix.length), sort)
  }

  /** As {@link readKey}, for the texts of a key without a tenant. The sort key is empty in a table without one. */
  readKeyTexts(partition: string, sort: string): Item | undefined {
    // A raw template that is a field alone also fits the keys of the library's own items, such as unique markers.
    if (isReserved(this.key.pk, partition)) return undefined
    const first = this.key.pk.read(partition)
    const second = first && this.key.sk.read(sort)
    return second && { ...first, ...second }
  }

  #printKey(row: Item, prefix: string, into: Item): void {
    const { table, key } = this
    if (prefix !== '' && this.#keysAreFields) {
      throw invalid(
        [this.name],
        'has a field that is itself a key of the table or of an index, so it does not support tenants',
      )
    }
    const pk = key.pk.print(row)
    const sk = key.sk.print(row)
    if (pk === undefined || sk === undefined) throw this.#lackingKey(row)
    checkReserved(key.pk, pk)
    Object.assign(into, tableKey(table, prefix + pk, sk))
  }

  #keyPart(part: TemplatePart, hasDefault: boolean): string | KeyField {
    if (typeof part === 'string') return part
    const { name, attribute, spec, storedDefault } = this.byName.get(part.field) as CompiledField
    const type = KINDS[spec.kind].key ?? 'text'
    return { name, attribute, type, ...(hasDefault && storedDefault !== undefined && { fallback: storedDefault }) }
  }

  #named(attributes: readonly string[]): CompiledField[] {
    return this.fields.filter(({ attribute }) => attributes.includes(attribute))
  }

  #lackingKey(row: Item): Error {
    const lacking = this.keyFields.filter(({ attribute }) => row[attribute] === undefined || row[attribute] === '')
    const names = lacking.map(({ name }) => name).join(', ')
    return invalid([lacking[0]?.name ?? 'key'], `is missing or empty; the key of ${this.name} needs ${names}`)
  }

  /** A field may share an attribute with an index only if the index's raw template consists of that field alone. */
  #checkAttributes(): void {
    const { type, revision, upgrades, ttl, iteration } = this.table
    const form = this.steps ? [upgrades] : []
    const own = new Set([...keyNames(this.table), type, revision, iteration.pk, iteration.sk, ...form])
    const alone = new Set<string>()
    for (const { pkAttribute, skAttribute, pk: partition, sk: sort } of [this.key, ...this.indexes]) {
      own.add(pkAttribute)
      if (skAttribute !== undefined) own.add(skAttribute)
      for (const [attribute, template] of [
        [pkAttribute, partition],
        [skAttribute, sort],
      ] as const) {
        const [only] = template.parts
        if (template.raw && template.parts.length === 1 && typeof only === 'object' && only.attribute === attribute) {
          alone.add(attribute)
        }
      }
    }
    for (const { name, attribute, spec } of this.fields) {
      const isTaken = own.has(attribute) ? !alone.has(attribute) : attribute === ttl && spec.kind !== 'ttl'
      if (isTaken) {
        throw invalid(
          [this.name, 'fields', name],
          `is stored as ${attribute}, an attribute of the table itself; choose another name with attribute()`,
        )
      }
    }
  }
}

function compileField(name: string, spec: FieldSpec, table: PhysicalTable): CompiledField {
  const own = spec.kind === 'ttl' ? table.ttl : spec.kind === 'deletedAt' ? DELETED_AT : undefined
  const stored = own === undefined ? spec : { ...spec, attribute: own }
  return { name, spec: stored, ...compileValue(stored, name), storedDefault: plainDefault(stored) }
}

function isFragile({ kind, transform, element, shape = {} }: FieldSpec): boolean {
  return (
    kind === 'schema' ||
    [transform, ...[element, ...Object.values(shape)].map(part => part && isFragile(part))].some(Boolean)
  )
}

function hasCounter({ kind, element, shape = {} }: FieldSpec): boolean {
  return kind === 'counter' || [element, ...Object.values(shape)].some(part => part && hasCounter(part))
}

/** The prefix of every partition key of a tenant. */
export function tenantPrefix(tenant: string | undefined): string {
  return tenant === undefined ? '' : `T#${escapeText(tenant)}#`
}

/** Whether a partition key belongs to the tenant with this prefix; to no tenant if the prefix is empty. */
function isOfTenant(pk: string, prefix: string): boolean {
  return prefix === '' ? tenantOf(pk) === undefined : pk.startsWith(prefix)
}

/** The tenant of a partition key, by its prefix. No model writes keys of that form outside tenants. */
export function tenantOf(pk: unknown): string | undefined {
  if (typeof pk !== 'string' || !pk.startsWith('T#')) return undefined
  const [, tenant] = /^T#([^#]+)#/.exec(pk) ?? []
  try {
    return tenant && decodeURIComponent(tenant)
  } catch {
    // Not the encoding of a tenant's name.
    return undefined
  }
}
