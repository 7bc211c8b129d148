/** AttributesToGet. */
import type { Projection } from '../../expression/ast.js'
import type { LegacyInput } from './input.js'

/** @throws Fault */
export function legacyProjection(_input: LegacyInput): Projection | undefined {
  return undefined
}
