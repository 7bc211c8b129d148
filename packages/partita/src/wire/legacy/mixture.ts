/** Requests of one generation: with expressions, or with the parameters before them. */
import type { ExpressionInput } from '../expression/index.js'
import type { LegacyInput } from './input.js'

/**
 * @param expressionMembers the operation's members that are expressions, in the order that AWS lists them.
 * @param legacyMembers the operation's older members, in the order that AWS lists them.
 * @throws Fault when members of both kinds are given.
 */
export function refuseMixture(
  _input: ExpressionInput & LegacyInput,
  _expressionMembers: readonly (keyof ExpressionInput)[],
  _legacyMembers: readonly (keyof LegacyInput)[],
): void {}
