/** KeyConditions. */
import type { KeyCondition } from '../../expression/ast.js'
import type { KeySchema } from '../../store/definition.js'
import type { LegacyInput } from './input.js'

/** @throws Fault */
export function legacyKeyCondition(_input: LegacyInput, _schema: KeySchema): KeyCondition | undefined {
  return undefined
}
