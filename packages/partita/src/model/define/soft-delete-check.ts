/** Checks how a definition soft-deletes rows. */
import { type IssuePath, valueText } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import type { FieldSpec } from './field.js'

const CHOICES: Readonly<Record<string, readonly string[]>> = { indexes: ['keep', 'remove'], unique: ['free', 'keep'] }
/** A hundred years. DynamoDB's times to live are in seconds since 1970, and a typing error should not outlive the table. */
const LONGEST_SECONDS = 100 * 366 * 86_400

/** Reports mistakes in `softDelete`, and fields that do not fit it. */
export function checkSoftDelete(
  given: unknown,
  specs: ReadonlyMap<string, FieldSpec>,
  report: (path: IssuePath, message: string) => void,
): void {
  const isSoft = given !== undefined && given !== false
  for (const [name, spec] of specs) {
    if (spec.kind === 'deletedAt') {
      if (!isSoft) report(['fields', name], 'is a deletedAt, but the model has no softDelete')
      if (spec.attribute !== undefined) report(['fields', name], `is always stored as ${DELETED_AT}; omit attribute()`)
    } else if (isSoft && (spec.attribute ?? name) === DELETED_AT) {
      report(['fields', name], `is stored as ${DELETED_AT}, the time of a soft delete; use f.deletedAt()`)
    }
  }
  if (given === undefined || typeof given === 'boolean') return
  const at = ['softDelete']
  if (!isPlainObject(given)) {
    report(at, `is ${valueText(given)}; it is true, or an object with indexes, unique, purgeAfter`)
    return
  }
  for (const [part, value] of Object.entries(given)) {
    const choices = Object.hasOwn(CHOICES, part) ? CHOICES[part] : undefined
    if (value === undefined) continue
    if (part === 'purgeAfter') checkPurgeAfter(value, specs, message => report([...at, part], message))
    else if (!choices) report([...at, part], 'is not an option of softDelete; there are indexes, unique, purgeAfter')
    else if (!choices.includes(value as string))
      report([...at, part], `is ${valueText(value)}; it is ${choices.join(' or ')}`)
  }
}

function checkPurgeAfter(
  given: unknown,
  specs: ReadonlyMap<string, FieldSpec>,
  report: (message: string) => void,
): void {
  const problem = secondsProblem(given)
  if (problem !== undefined) report(problem)
  const ttl = [...specs].find(([, { kind }]) => kind === 'ttl')
  if (ttl) report(`cannot be combined with the ttl field ${ttl[0]}: a row has one time of expiry`)
}

/** Why a value is not a duration in seconds; undefined if it is. */
export function secondsProblem(given: unknown): string | undefined {
  if (Number.isInteger(given) && (given as number) > 0 && (given as number) <= LONGEST_SECONDS) return undefined
  return `is ${valueText(given)}; it is a whole number of seconds from 1 to ${LONGEST_SECONDS}`
}
