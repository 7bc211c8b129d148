/** The legacy members of a request, which preceded expressions, after `readShape`. */
import type { Typed } from '../protocol/attribute-value.js'

/** A comparison of one attribute in `KeyConditions`, `QueryFilter` or `ScanFilter`. */
export interface Comparison {
  readonly ComparisonOperator?: string
  readonly AttributeValueList?: readonly Typed[]
}

/** The condition on one attribute in `Expected`. */
export interface Expectation extends Comparison {
  readonly Value?: Typed
  readonly Exists?: boolean
}

/** The change of one attribute in `AttributeUpdates`. */
export interface AttributeUpdate {
  readonly Action?: string
  readonly Value?: Typed
}

/** The legacy members that a request may have. */
export interface LegacyInput {
  readonly AttributesToGet?: readonly string[]
  readonly AttributeUpdates?: { readonly [name: string]: AttributeUpdate }
  readonly ConditionalOperator?: string
  readonly Expected?: { readonly [name: string]: Expectation }
  readonly KeyConditions?: { readonly [name: string]: Comparison }
  readonly QueryFilter?: { readonly [name: string]: Comparison }
  readonly ScanFilter?: { readonly [name: string]: Comparison }
}
