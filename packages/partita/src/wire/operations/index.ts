/** The operations of the protocol by their targets. */
import type { Operation } from '../wire.js'

export const OPERATIONS: { readonly [target: string]: Operation } = {}
