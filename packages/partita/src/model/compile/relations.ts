/** Resolves relations between connected models: which index is read, with which fields of this row. */
import { invalid, type ValidationError } from '../../errors/errors.js'
import { didYouMean } from '../../errors/nearest.js'
import type { AnyRelation, ManyRelation, OneRelation, ThroughRelation } from '../define/relation.js'
import type { CompiledIndex, CompiledModel } from './compiled-model.js'

type Models = ReadonlyMap<string, CompiledModel>

/** For each field of a key, the field of this row that holds its value. */
export type FieldPairs = readonly (readonly [theirs: string, ours: string])[]

/** A resolved relation to one row. */
export interface ResolvedOne {
  readonly kind: 'one'
  readonly target: CompiledModel
  readonly pairs: FieldPairs
}

/** A resolved relation to many rows. */
export interface ResolvedMany {
  readonly kind: 'many'
  readonly target: CompiledModel
  readonly index: CompiledIndex
  readonly pairs: FieldPairs
}

/** A resolved relation through a model of pairs. */
export interface ResolvedThrough {
  readonly kind: 'through'
  readonly target: CompiledModel
  readonly via: CompiledModel
  readonly index: CompiledIndex
  readonly pairs: FieldPairs
  /** The relation from a pair to the target. */
  readonly to: ResolvedOne
}

/** Any resolved relation. */
export type ResolvedRelation = ResolvedOne | ResolvedMany | ResolvedThrough

/** Resolves a relation. @throws ValidationError if it does not fit the models. */
export function resolveRelation(models: Models, model: CompiledModel, name: string): ResolvedRelation {
  const relation = model.relations[name] as AnyRelation
  const error = (message: string): ValidationError => invalid([model.name, 'relations', name], message)
  const find = (wanted: string): CompiledModel => {
    const found = models.get(wanted)
    if (!found) throw error(`the model ${wanted} is not connected${didYouMean(wanted, models.keys())}`)
    return found
  }
  const target = find(relation.target)
  switch (relation.kind) {
    case 'one':
      return { kind: 'one', target, pairs: keyPairs(target, relation, error) }
    case 'many': {
      const index = findIndex(target, relation.index, error)
      return { kind: 'many', target, index, pairs: indexPairs(model, target, index, relation, error) }
    }
    case 'through': {
      const via = find(relation.via)
      const index = findIndex(via, relation.index, error)
      const to = relation.to ?? onlyRelation(via, target, error)
      const onward = Object.hasOwn(via.relations, to) ? via.relations[to] : undefined
      if (onward?.kind !== 'one' || onward.target !== target.name) {
        throw error(`${via.name} has no relation ${to} to one ${target.name}`)
      }
      const far: ResolvedOne = { kind: 'one', target, pairs: keyPairs(target, onward, error) }
      return { kind: 'through', target, via, index, pairs: indexPairs(model, via, index, relation, error), to: far }
    }
  }
}

type MakeError = (message: string) => ValidationError

function findIndex(of: CompiledModel, name: string, error: MakeError): CompiledIndex {
  const index = name === 'key' ? of.key : of.indexes.find(it => it.name === name)
  if (index) return index
  const known = ['key', ...of.indexes.map(it => it.name)]
  throw error(`${of.name} has no index ${name}; it has ${known.join(', ')}${didYouMean(name, known)}`)
}

function keyPairs(target: CompiledModel, { fields }: OneRelation, error: MakeError): FieldPairs {
  const names = target.keyFields.map(({ name }) => name)
  if (typeof fields === 'string') {
    if (names.length === 1) return [[names[0] as string, fields]]
    throw error(`the key of ${target.name} has the fields ${names.join(', ')}; name the field of this row for each`)
  }
  const lacking = names.filter(it => !Object.hasOwn(fields, it))
  const needless = Object.keys(fields).filter(it => !names.includes(it))
  if (lacking.length + needless.length > 0)
    throw error(`names other fields than the key of ${target.name}: ${names.join(', ')}`)
  return names.map(it => [it, fields[it] as string])
}

/** The field given, else the key of this row for a ref to its model, else the field of the same name. */
function indexPairs(
  model: CompiledModel,
  of: CompiledModel,
  index: CompiledIndex,
  { fields = {} }: ManyRelation | ThroughRelation,
  error: MakeError,
): FieldPairs {
  return index.pk.fields.map(({ name }) => {
    if (Object.hasOwn(fields, name)) return [name, fields[name] as string]
    const { spec } = of.field(name, [])
    const [key, ...others] = model.keyFields
    if (spec.kind === 'ref' && spec.target === model.name && key && others.length === 0) return [name, key.name]
    if (model.byName.has(name)) return [name, name]
    throw error(`does not say which field of ${model.name} holds ${name} of ${of.name}.${index.name}`)
  })
}

function onlyRelation(via: CompiledModel, target: CompiledModel, error: MakeError): string {
  const names = Object.keys(via.relations).filter(it => {
    const relation = via.relations[it] as AnyRelation
    return relation.kind === 'one' && relation.target === target.name
  })
  if (names.length === 1) return names[0] as string
  throw error(`${via.name} has ${names.length} relations to one ${target.name}; name one with to`)
}

/** The fields of another row's key or of an index key, from the fields of this row; undefined if one is missing. */
export function fieldsFrom(pairs: FieldPairs, row: object): { readonly [name: string]: unknown } | undefined {
  const fields: { [name: string]: unknown } = {}
  for (const [theirs, ours] of pairs) {
    const it = (row as { readonly [name: string]: unknown })[ours]
    if (it === undefined || it === null || it === '') return undefined
    fields[theirs] = it
  }
  return fields
}
