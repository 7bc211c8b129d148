/**
 * Shapes: what a part of a YAML file may look like, as data. The same shape checks a file and is printed as JSON Schema, so
 * that an editor accepts what the command accepts.
 */

interface Described {
  /** Shown by editors. */
  readonly description?: string
}

/** Text. */
export interface TextShape extends Described {
  readonly kind: 'text'
  /** The pattern that it must match, anchored. */
  readonly pattern?: string
  /** What matches the pattern, for messages: `a field name`. */
  readonly of?: string
  readonly maxLength?: number
}

/** True or false. */
export interface BooleanShape extends Described {
  readonly kind: 'boolean'
}

/** A number that a double holds. */
export interface NumberShape extends Described {
  readonly kind: 'number'
  readonly isWhole?: true
  readonly min?: number
  readonly max?: number
}

/** One of several texts. */
export interface ChoiceShape extends Described {
  readonly kind: 'choice'
  readonly values: readonly string[]
}

/** Nothing: an empty value, or null. */
interface NullShape extends Described {
  readonly kind: 'null'
}

/** Any value that is also JSON. */
interface AnyShape extends Described {
  readonly kind: 'any'
}

/** A list. */
export interface ListShape extends Described {
  readonly kind: 'list'
  readonly of: Shape
  readonly min?: number
}

/** A map with arbitrary names of one pattern. */
interface RecordShape extends Described {
  readonly kind: 'record'
  /** The pattern of the names, anchored. */
  readonly names: string
  /** What a name is, for messages: `the name of a model`. */
  readonly nameIs: string
  readonly of: Shape
}

/** A map with known names. */
export interface ObjectShape extends Described {
  readonly kind: 'object'
  readonly members: { readonly [name: string]: Shape }
  readonly required?: readonly string[]
  /** Messages for names that are not known but often tried. */
  readonly hints?: { readonly [name: string]: string }
}

/** One of several shapes, which differ in what kind of value they are: text, a list, a map. */
export interface EitherShape extends Described {
  readonly kind: 'either'
  readonly shapes: readonly Shape[]
}

/** A map whose members depend on which of some members it has. The first variant with a member that is present applies. */
export interface VariantsShape extends Described {
  readonly kind: 'variants'
  readonly variants: readonly { readonly has: string; readonly shape: ObjectShape }[]
}

/** A map whose members depend on the value of one of its members. */
export interface TaggedShape extends Described {
  readonly kind: 'tagged'
  readonly tag: string
  /** What the value of the tag is, for messages: `a type of fields`. */
  readonly tagIs: string
  readonly cases: { readonly [value: string]: ObjectShape }
  /** The shape for values that the program knows and the shape does not: the types of custom fields. */
  readonly others?: Shape
}

/** A shape of its own name, for recursion. */
interface NamedShape extends Described {
  readonly kind: 'named'
  readonly name: string
  readonly shape: () => Shape
}

/** Any shape. */
export type Shape =
  | TextShape
  | BooleanShape
  | NumberShape
  | ChoiceShape
  | NullShape
  | AnyShape
  | ListShape
  | RecordShape
  | ObjectShape
  | EitherShape
  | VariantsShape
  | TaggedShape
  | NamedShape

/** Text of a pattern. */
export function text(more: Omit<TextShape, 'kind'> = {}): TextShape {
  return { kind: 'text', ...more }
}

/** One of several texts. */
export function choice(values: readonly string[], description?: string): ChoiceShape {
  return { kind: 'choice', values, ...(description !== undefined && { description }) }
}

/** True or false. */
export function boolean(description?: string): BooleanShape {
  return { kind: 'boolean', ...(description !== undefined && { description }) }
}

/** A whole number. */
export function whole(min?: number, max?: number, description?: string): NumberShape {
  return {
    kind: 'number',
    isWhole: true,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(description !== undefined && { description }),
  }
}

/** A map with known names. */
export function object(members: { readonly [name: string]: Shape }, more: Partial<ObjectShape> = {}): ObjectShape {
  return { kind: 'object', members, ...more }
}

/** A list. */
export function list(of: Shape, more: Partial<ListShape> = {}): ListShape {
  return { kind: 'list', of, ...more }
}

/** One of several shapes. */
export function either(...shapes: readonly Shape[]): EitherShape {
  return { kind: 'either', shapes }
}
