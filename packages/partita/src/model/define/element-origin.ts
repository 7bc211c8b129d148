/**
 * Maps each element of a list that was read to its stored element. An element that the program changes and moves thus keeps
 * the members that this version of the model does not know.
 */
const origins = new WeakMap<object, unknown>()

/** Records the stored element of an element. */
export function rememberOrigin(read: unknown, stored: unknown): void {
  if (typeof read === 'object' && read !== null) origins.set(read, stored)
}

/** Gives a copy the stored element of the original. */
export function copyOrigin(from: object, to: object): void {
  const origin = origins.get(from)
  if (origin !== undefined) origins.set(to, origin)
}

/** The stored element of an element; undefined for an object that the program created. */
export function originOf(element: unknown): unknown {
  return typeof element === 'object' && element !== null ? origins.get(element) : undefined
}
