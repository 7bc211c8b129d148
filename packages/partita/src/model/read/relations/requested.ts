/** Parses `with`, completely before anything is read: a tree of relations that may come from untrusted input. */
import { invalid, valueText } from '../../../errors/errors.js'
import { didYouMean } from '../../../errors/nearest.js'
import type { Condition } from '../../../expression/ast.js'
import { checkCount, checkOptions, within } from '../../../store/options.js'
import { isPlainObject } from '../../../value/value.js'
import type { CompiledModel } from '../../compile/compiled-model.js'
import { compileWhere } from '../../compile/condition.js'
import type { ResolvedRelation } from '../../compile/relations.js'
import type { DatabaseContext } from '../../connect/context.js'

/** One relation to load, with the relations of its rows. */
export interface WantedRelation {
  readonly name: string
  readonly relation: ResolvedRelation
  readonly filter: Condition | undefined
  readonly order: 'asc' | 'desc' | undefined
  readonly limit: number | undefined
  readonly inner: readonly WantedRelation[]
}

const OPTIONS = {
  one: ['with'],
  many: ['with', 'where', 'order', 'limit'],
  through: ['with', 'order', 'limit'],
}
/** Relations may form cycles. */
const MAX_LEVELS = 8

/**
 * Parses `with`.
 * @throws ValidationError for an unknown relation, a wrong option, or more than 8 levels.
 */
export function wantedRelations(db: DatabaseContext, model: CompiledModel, wanted: unknown): WantedRelation[] {
  return relationsOf(db, model, wanted, [], 1)
}

function relationsOf(
  db: DatabaseContext,
  model: CompiledModel,
  wanted: unknown,
  above: readonly string[],
  level: number,
): WantedRelation[] {
  const at = [...above, 'with']
  if (!isPlainObject(wanted))
    throw invalid(at, `is ${valueText(wanted)}; use an object of relations, such as { author: true }`)
  if (level > MAX_LEVELS) throw invalid(['with'], `is nested over ${MAX_LEVELS} levels deep`)
  return Object.entries(wanted).map(([name, how]) => {
    const relation = findRelation(db, model, name, at)
    return { name, relation, ...optionsOf(db, relation, how, [...at, name], level) }
  })
}

/** @throws ValidationError listing the relations of the model. */
function findRelation(
  { relations }: DatabaseContext,
  model: CompiledModel,
  name: string,
  at: readonly string[],
): ResolvedRelation {
  const relation = relations.get(model)?.get(name)
  if (relation) return relation
  const known = Object.keys(model.relations)
  const hint = didYouMean(name, known)
  throw invalid([...at, name], `is not a relation of ${model.name}; it has ${known.join(', ') || 'none'}${hint}`)
}

function optionsOf(
  db: DatabaseContext,
  { kind, target }: ResolvedRelation,
  how: unknown,
  at: readonly string[],
  level: number,
): Omit<WantedRelation, 'name' | 'relation'> {
  if (how === true) return { filter: undefined, order: undefined, limit: undefined, inner: [] }
  if (!isPlainObject(how)) throw invalid(at, `is ${valueText(how)}; use true or an object of options`)
  checkOptions(how, OPTIONS[kind], at)
  const { limit, order, where, with: inner } = how
  within(at, () => checkCount('limit', limit as number | undefined))
  if (order !== undefined && order !== 'asc' && order !== 'desc') {
    throw invalid([...at, 'order'], `is ${valueText(order)}; use asc or desc`)
  }
  return {
    filter: compileWhere(target, where, [...at, 'where']),
    order,
    limit: limit as number | undefined,
    inner: inner === undefined ? [] : relationsOf(db, target, inner, at, level + 1),
  }
}
