/**
 * DynamoDB's limits on expressions. Sources: "Quotas" in AWS's guide, and the behaviour of DynamoDB Local.
 * They also bound every recursion over untrusted expressions.
 */

/** Maximum number of operators and functions in one expression. */
export const MAX_OPERATORS = 300
/** Maximum length of one expression, in UTF-8 bytes. */
export const MAX_EXPRESSION_BYTES = 4096
/** Maximum number of operands in the list of one IN. */
export const MAX_IN_OPERANDS = 100
/** Maximum number of steps in one document path: an attribute name and 31 more. */
export const MAX_PATH_STEPS = 32
/** Highest list index in a path. */
export const MAX_LIST_INDEX = 2 ** 31 - 1
