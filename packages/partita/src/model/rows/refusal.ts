/** Why a write of a row was refused, told by the row that was there. */
import { AlreadyExists, ConditionFailed, Conflict, keyText, NotFound, UniqueViolation } from '../../errors.js'
import { matches } from '../../expression/evaluate.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compiled.js'
import type { Rules } from './rows.js'

export function notThere({ name, table }: CompiledModel, key: Key): NotFound {
  return new NotFound(`There is no ${name} ${keyText(key)}`, { table: table.name, key })
}

export function alreadyThere({ name, table }: CompiledModel, key: Key, cause?: unknown): AlreadyExists {
  return new AlreadyExists(`There is a ${name} ${keyText(key)} already`, { table: table.name, key }, cause)
}

export function violation({ name }: CompiledModel, unique: CompiledUnique, cause?: unknown): UniqueViolation {
  const fields = unique.fields.map(field => field.name)
  return new UniqueViolation({ model: name, constraint: unique.name, fields }, cause)
}

/** Which of the rules a row breaks; undefined where none. */
export function brokenRule(model: CompiledModel, key: Key, rules: Rules, row: Item | undefined): Error | undefined {
  const { name, table } = model
  if (rules.unchanged && !matches(rules.unchanged, row)) {
    const message = `Another writer changed the ${name} ${keyText(key)} since it was read; reload it and try again`
    return new Conflict(message, {})
  }
  if (rules.condition && !matches(rules.condition, row)) return new ConditionFailed({ table: table.name, key })
  return undefined
}

export function tooManyConflicts({ name }: CompiledModel, key: Key, attempts: number, cause?: unknown): Conflict {
  const message = `Other writers were at the ${name} ${keyText(key)} at every one of ${attempts} tries; nothing was written`
  return new Conflict(message, {}, cause)
}
