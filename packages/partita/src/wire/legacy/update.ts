/** AttributeUpdates. */
import type { Update } from '../../expression/ast.js'
import type { KeySchema } from '../../store/definition.js'
import type { LegacyInput } from './input.js'

/** @throws Fault */
export function legacyUpdate(_input: LegacyInput, _schema: KeySchema): Update | undefined {
  return undefined
}
