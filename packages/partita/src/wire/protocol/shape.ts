/** What an operation's input may look like, as data. */

/** The type and constraints of a value. */
export type Shape =
  | {
      readonly type: 'string'
      readonly min?: number
      readonly max?: number
      readonly pattern?: RegExp
      readonly values?: readonly string[]
      /** What AWS's newer front end says of another value, where that is not what it says of others. */
      readonly otherwise?: string
      /** Texts that the constraints are not for. */
      readonly unless?: RegExp
    }
  | { readonly type: 'integer' | 'long'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' | 'double' | 'blob' }
  | { readonly type: 'list'; readonly of: Shape; readonly min?: number; readonly max?: number }
  /** `className` is that of the values at AWS, which a refusal tells. */
  | {
      readonly type: 'map'
      readonly of: Shape
      readonly className?: string
      /** What is wrong with the names as one, if anything. */
      readonly checkNames?: (map: { readonly [name: string]: unknown }) => string | undefined
      readonly min?: number
      readonly max?: number
    }
  | RefusedShape
  | Structure

/**
 * A member that AWS knows and this server does not offer. A request that has it is refused with its name and the reason,
 * since to ignore it would be to do something else than was asked for. What AWS does not know either is ignored, as AWS does.
 */
export interface RefusedShape {
  readonly type: 'refused'
  /** A sentence: what it is that this server does not have. */
  readonly why: string
}

/** An object with known members. */
export interface Structure {
  readonly type: 'structure'
  readonly members: { readonly [name: string]: Member }
  /** What AWS prints before its members where a refusal shows it. */
  readonly className?: string
  /** The same for requests that only AWS's older front end answers. */
  readonly older?: { readonly shape: Structure; readonly answers: (input: object) => boolean }
}

/**
 * Of a member that stands `alone`, what is wrong is told before that of others, and without it; its absence as that of
 * a `parameter`, or as a `constraint` like any other; of one that is `bare`, without a count. Of one that is `brief`, too little
 * is told as AWS's newer front end does it: without the value, and with the member's own name.
 */
export type Member = Shape & {
  readonly required?: boolean
  readonly alone?: 'parameter' | 'constraint' | 'bare'
  readonly brief?: boolean
}

/** JSON as it came, its types unknown. */
export type Json = { [name: string]: unknown }

/** An attribute value, which holds others of its kind. */
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
