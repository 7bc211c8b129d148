/** The shapes of operations' inputs, as data. */

/** The type and constraints of a value. */
export type Shape =
  | {
      readonly type: 'string'
      readonly min?: number
      readonly max?: number
      readonly pattern?: RegExp
      readonly values?: readonly string[]
      /** The message of AWS's newer front end for another value, if it differs from the usual one. */
      readonly otherwise?: string
      /** Texts that the constraints do not apply to. */
      readonly unless?: RegExp
    }
  | { readonly type: 'integer' | 'long'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' | 'double' | 'blob' }
  | { readonly type: 'list'; readonly of: Shape; readonly min?: number; readonly max?: number }
  /** `className` is the Java class of the values, which AWS's messages contain. */
  | {
      readonly type: 'map'
      readonly of: Shape
      readonly className?: string
      /** Checks the names together. Returns the problem, if any. */
      readonly checkNames?: (map: { readonly [name: string]: unknown }) => string | undefined
      readonly min?: number
      readonly max?: number
    }
  | RefusedShape
  | Structure

/**
 * A member that AWS supports and this server does not. A request with it is refused with its name and the reason, since
 * the request without it has another meaning. Members that AWS does not know are ignored, as at AWS.
 */
export interface RefusedShape {
  readonly type: 'refused'
  /** A sentence that says what this server does not support. */
  readonly why: string
}

/** An object with known members. */
export interface Structure {
  readonly type: 'structure'
  readonly members: { readonly [name: string]: Member }
  /** The class name that AWS prints before the members when an error shows the value. */
  readonly className?: string
  /** The shape for requests that only AWS's older front end answers. */
  readonly older?: { readonly shape: Structure; readonly answers: (input: object) => boolean }
}

/**
 * A member of an input.
 *
 * `alone`: checked before the other members, and its problem is reported without theirs. The value chooses the wording:
 * `parameter` has a separate message for a missing member, `constraint` the usual one, and `bare` omits the count.
 * `brief`: below its minimum, the message is that of AWS's newer front end. It omits the value and shows the member's
 * name as in requests.
 */
export type Member = Shape & {
  readonly required?: boolean
  readonly alone?: 'parameter' | 'constraint' | 'bare'
  readonly brief?: boolean
}

/** Parsed JSON that is not validated yet. */
export type Json = { [name: string]: unknown }

/** An attribute value, which may contain other attribute values. */
export const ATTRIBUTE: Structure = {
  type: 'structure',
  className: 'AttributeValue',
  members: {
    S: { type: 'string' },
    N: { type: 'string' },
    B: { type: 'blob' },
    SS: { type: 'list', of: { type: 'string' } },
    NS: { type: 'list', of: { type: 'string' } },
    BS: { type: 'list', of: { type: 'blob' } },
    get M() {
      return ATTRIBUTES
    },
    get L() {
      return { type: 'list' as const, of: ATTRIBUTE }
    },
    NULL: { type: 'boolean' },
    BOOL: { type: 'boolean' },
  },
}

/** Attribute values by name: an item, a key. */
export const ATTRIBUTES: Shape = { type: 'map', of: ATTRIBUTE, className: 'AttributeValue' }
