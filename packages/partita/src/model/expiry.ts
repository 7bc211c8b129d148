/** Conditions on whether there is a row. One past its time to live counts as absent, whatever the store still holds. */
import { and, type Condition, compare, exists, not, notExists, or, path, value } from '../expression/ast.js'
import type { CompiledModel } from './compiled.js'

/** True where there is a row. */
export function isPresent(model: CompiledModel, now: number): Condition {
  const there = exists([model.table.pk])
  return model.ttl ? and(there, not(hasExpired(model, now))) : there
}

/** True where there is none. */
export function isAbsent(model: CompiledModel, now: number): Condition {
  const notThere = notExists([model.table.pk])
  return model.ttl ? or(notThere, hasExpired(model, now)) : notThere
}

/** True for rows that have not expired; undefined where none ever does. */
export function notExpired(model: CompiledModel, now: number): Condition | undefined {
  return model.ttl && not(hasExpired(model, now))
}

function hasExpired({ table }: CompiledModel, now: number): Condition {
  return compare(path(table.ttl), '<=', value(Math.floor(now / 1000)))
}
