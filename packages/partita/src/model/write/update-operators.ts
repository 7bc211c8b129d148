/**
 * Operators of updates: changes that the store works out from what is stored, so that concurrent ones all count.
 *
 * @example await db.User.update({ userId }, { postCount: add(1), tags: add('new'), bio: unset() })
 */

export type OperatorName = 'add' | 'removeFrom' | 'append' | 'prepend' | 'unset' | 'ifNotExists'

/** What an update does to one field. Made by the functions below: data that looks like one is never taken for one. */
export class Operator<Name extends OperatorName = OperatorName, Operand = unknown> {
  readonly name: Name
  readonly operands: readonly Operand[]

  constructor(name: Name, operands: readonly Operand[]) {
    this.name = name
    this.operands = operands
  }
}

/** Adds to a number, where a missing one counts as 0; or puts members into a set. */
export function add<Operand>(...operands: readonly Operand[]): Operator<'add', Operand> {
  return new Operator('add', operands)
}

/** Takes members out of a set; those that are not in it are no error. */
export function removeFrom<Member>(...members: readonly Member[]): Operator<'removeFrom', Member> {
  return new Operator('removeFrom', members)
}

/** Puts elements at the end of a list; a missing list counts as empty. */
export function append<Element>(...elements: readonly Element[]): Operator<'append', Element> {
  return new Operator('append', elements)
}

/** Puts elements at the beginning of a list; a missing list counts as empty. */
export function prepend<Element>(...elements: readonly Element[]): Operator<'prepend', Element> {
  return new Operator('prepend', elements)
}

/** Clears an optional field. */
export function unset(): Operator<'unset', never> {
  return new Operator('unset', [])
}

/** Writes a value where the field has none. */
export function ifNotExists<Value>(value: Value): Operator<'ifNotExists', Value> {
  return new Operator('ifNotExists', [value])
}
