/**
 * The stored element from which an element of a list was read, found by the object itself. So one that the program changes and
 * moves keeps the members that this version of the model does not know.
 */
const origins = new WeakMap<object, unknown>()

export function rememberOrigin(read: unknown, stored: unknown): void {
  if (typeof read === 'object' && read !== null) origins.set(read, stored)
}

/** A copy stands for the element that it is a copy of. */
export function copyOrigin(from: object, to: object): void {
  const origin = origins.get(from)
  if (origin !== undefined) origins.set(to, origin)
}

/** The stored element, which is the one in the row that was read; undefined where the program made the object. */
export function originOf(element: unknown): unknown {
  return typeof element === 'object' && element !== null ? origins.get(element) : undefined
}
