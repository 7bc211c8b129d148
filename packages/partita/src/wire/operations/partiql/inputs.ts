/** Input members that the PartiQL operations share. */
import type { Typed } from '../../protocol/attribute-value.js'
import { ATTRIBUTE, type Member } from '../../protocol/shape.js'
import { ON_CHECK_FAILURE } from '../item/members.js'

/** The members that describe one statement. */
export const STATEMENT = {
  Statement: { type: 'string', min: 1, max: 8192, required: true },
  Parameters: { type: 'list', of: ATTRIBUTE, min: 1 },
  ReturnValuesOnConditionCheckFailure: ON_CHECK_FAILURE,
} as const satisfies Record<string, Member>

/** One statement with its parameters, as {@link STATEMENT} leaves it. */
export interface StatementInput {
  readonly Statement: string
  readonly Parameters?: readonly Typed[]
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
}
