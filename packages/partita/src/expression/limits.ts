/**
 * DynamoDB's limits on expressions. Source: "Quotas" in AWS's guide, and the behaviour of DynamoDB Local.
 * They also bound every recursion over untrusted expressions.
 */

/** Operators and functions in one expression. */
export const MAX_OPERATORS = 300
/** Length of one expression, in UTF-8 bytes. */
export const MAX_EXPRESSION_BYTES = 4096
/** Operands in the list of one IN. */
export const MAX_IN_OPERANDS = 100
/** Steps of one document path: an attribute's name and 31 more. */
export const MAX_PATH_STEPS = 32
/** Highest list index in a path. */
export const MAX_LIST_INDEX = 2 ** 31 - 1
