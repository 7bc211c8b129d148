/** Expected, QueryFilter and ScanFilter. */
import type { Condition } from '../../expression/ast.js'
import type { LegacyInput } from './input.js'

/** @throws Fault */
export function legacyCondition(
  _input: LegacyInput,
  _member: 'Expected' | 'QueryFilter' | 'ScanFilter',
): Condition | undefined {
  return undefined
}
