/** Parses expressions of the protocol into Partita's nodes, with AWS's error messages. */
export { type ExpressionInput, Expressions } from './expressions.js'
export { type KeyConditionPart, keyConditionOf } from './key-condition.js'
