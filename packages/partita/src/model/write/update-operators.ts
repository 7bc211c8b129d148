/**
 * Operators of updates. The store computes the new value from the stored one, so concurrent operators all take
 * effect.
 */

/** The names of the update operators. */
export type OperatorName = 'add' | 'removeFrom' | 'append' | 'prepend' | 'unset' | 'ifNotExists'

/** A change that an update makes to one field. Made by the functions below; plain data is never mistaken for one. */
export class Operator<Name extends OperatorName = OperatorName, Operand = unknown> {
  readonly name: Name
  readonly operands: readonly Operand[]

  constructor(name: Name, operands: readonly Operand[]) {
    this.name = name
    this.operands = operands
  }
}

/**
 * Adds to a number, where a missing one counts as its default or 0; or adds members to a set. The store computes the
 * new value from the stored one, so concurrent additions all count.
 *
 * @example
 * import { add, connect, f, model, unset } from 'partita'
 *
 * const User = model('User', {
 *   fields: { userId: f.string(), posts: f.counter(), tags: f.set(f.string()).optional(), bio: f.string().optional() },
 *   key: { pk: 'USER#{userId}' },
 * })
 * const db = await connect({ models: { User }, store: 'memory:' })
 * await db.User.create({ userId: 'ada', bio: 'Writes programs.' })
 * await db.User.update({ userId: 'ada' }, { posts: add(1), tags: add('new'), bio: unset() })
 * await db.close()
 */
export function add<Operand>(...operands: readonly Operand[]): Operator<'add', Operand> {
  return new Operator('add', operands)
}

/** Removes members from a set; members that are not in it are ignored. */
export function removeFrom<Member>(...members: readonly Member[]): Operator<'removeFrom', Member> {
  return new Operator('removeFrom', members)
}

/** Appends elements to a list; a missing list counts as its default, or as empty. */
export function append<Element>(...elements: readonly Element[]): Operator<'append', Element> {
  return new Operator('append', elements)
}

/** Prepends elements to a list; a missing list counts as its default, or as empty. */
export function prepend<Element>(...elements: readonly Element[]): Operator<'prepend', Element> {
  return new Operator('prepend', elements)
}

/** Clears an optional field. */
export function unset(): Operator<'unset', never> {
  return new Operator('unset', [])
}

/** Writes a value if the field has none; a default counts as a value. */
export function ifNotExists<Value>(value: Value): Operator<'ifNotExists', Value> {
  return new Operator('ifNotExists', [value])
}
