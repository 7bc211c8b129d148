/** Expressions of the protocol, read into Partita's nodes and refused in AWS's words. */
export { type ExpressionInput, Expressions } from './expressions.js'
export { type KeyPart, keyConditionOf } from './key-condition.js'
