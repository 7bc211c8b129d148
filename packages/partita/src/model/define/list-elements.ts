/**
 * Encodes the elements of a changed list. Unchanged elements keep their stored form, and changed ones keep the members that
 * this version of the model does not know. Objects that were read identify their old elements. Objects that the program
 * created are matched by content, since elements have no names.
 */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject, setAttribute, type Value } from '../../value/value.js'
import { isChecked } from '../write/changes.js'
import { isSameValue } from '../write/seen.js'
import { codecOf } from './codec.js'
import { originOf } from './element-origin.js'
import type { FieldSpec } from './field.js'
import { unknownName } from './input-issues.js'
import { fallbackOf, prepare } from './validators.js'

type Members = { readonly [name: string]: unknown }

/** Limit of changed elements that are compared with each other: the cost is quadratic. */
const MAX_COMPARED = 100

/**
 * Encodes the elements of a list.
 *
 * @param seen the elements as the program read them; `stored` has their stored forms in the same order.
 * @param first the position of the first element in the list.
 */
export async function encodeElements(
  element: FieldSpec,
  now: readonly unknown[],
  seen: readonly unknown[],
  stored: readonly Value[],
  at: IssuePath,
  issues: Issue[],
  first = 0,
): Promise<Value[]> {
  const origins = originsOf(element, now, seen, stored)
  const elements: Value[] = []
  for (let i = 0; i < now.length; i++) {
    const origin = origins[i]
    const [then, kept] = origin === undefined ? [] : [seen[origin], stored[origin]]
    elements.push((await encodeKeeping(element, now[i], then, kept, [...at, first + i], issues)) as Value)
  }
  return elements
}

/** Encodes a value and keeps the unknown members of the stored one. */
async function encodeKeeping(
  spec: FieldSpec,
  now: unknown,
  seen: unknown,
  stored: Value | undefined,
  at: IssuePath,
  issues: Issue[],
): Promise<Value | undefined> {
  if (stored !== undefined && isSameValue(spec, now, seen)) return stored
  const before = issues.length
  const whole = isDocument(spec, now, seen, stored)
    ? await encodeMembers(spec, now as Members, seen as Members, stored as Members, at, issues)
    : await encodeList(spec, now, seen, stored, at, issues)
  if (whole === undefined) return codecOf(spec).encode(await prepare(spec, now, at, issues), at, issues)
  if (issues.length === before && isChecked(spec)) codecOf(spec).encode(codecOf(spec).decode(whole), at, issues)
  return whole
}

/** Encodes a list that was a list before; undefined for other values. */
async function encodeList(
  { kind, transform, element }: FieldSpec,
  now: unknown,
  seen: unknown,
  stored: Value | undefined,
  at: IssuePath,
  issues: Issue[],
): Promise<Value | undefined> {
  const isList = kind === 'list' && !transform && element
  if (!isList || !Array.isArray(now) || !Array.isArray(seen) || !Array.isArray(stored)) return undefined
  return encodeElements(element, now, seen, stored, at, issues)
}

function isDocument({ kind, transform }: FieldSpec, now: unknown, seen: unknown, stored: unknown): boolean {
  const isOne = !transform && (kind === 'map' || kind === 'record')
  return isOne && isPlainObject(now) && isPlainObject(seen) && isPlainObject(stored)
}

async function encodeMembers(
  { kind, shape = {}, element }: FieldSpec,
  now: Members,
  seen: Members,
  stored: Members,
  at: IssuePath,
  issues: Issue[],
): Promise<Value> {
  const isMap = kind === 'map'
  const kept: { [name: string]: Value } = {}
  const specs = new Map(isMap ? Object.entries(shape) : Object.keys(now).map(name => [name, element as FieldSpec]))
  if (isMap) {
    const known = new Set([...specs].map(([name, { attribute }]) => attribute ?? name))
    for (const [name, it] of Object.entries(stored)) if (!known.has(name)) setAttribute(kept, name, it as Value)
    const before = issues.length
    for (const name of Object.keys(now)) {
      if (specs.has(name)) continue
      issues.push({ path: [...at, name], message: unknownName(name, [...specs.keys()], issues.length - before) })
    }
  }
  for (const [name, spec] of specs) {
    const attribute = isMap ? (spec.attribute ?? name) : name
    const it = own(now, name) ?? fallbackOf(spec)
    if (it === undefined && (spec.optional || spec.kind === 'set')) continue
    const there = own(stored, attribute) as Value | undefined
    const value = await encodeKeeping(spec, it, own(seen, name), there, [...at, name], issues)
    if (value !== undefined) setAttribute(kept, attribute, value)
  }
  return kept
}

/** For each new element, the position of its old element; undefined for an added one. */
function originsOf(
  element: FieldSpec,
  now: readonly unknown[],
  seen: readonly unknown[],
  stored: readonly Value[],
): (number | undefined)[] {
  if (seen.length === 0) return []
  const origins: (number | undefined)[] = Array(now.length).fill(undefined)
  const free = new Set(seen.keys())
  const settle = (i: number, origin: number | undefined): void => {
    if (origin === undefined) return
    origins[i] = origin
    free.delete(origin)
  }
  const unsettled = (): number[] => [...now.keys()].filter(i => origins[i] === undefined)
  const positions = new Map<unknown, number>(stored.map((it, i) => [it, i]))
  for (const i of now.keys()) {
    const origin = positions.get(originOf(now[i]))
    if (origin !== undefined && free.has(origin)) settle(i, origin)
  }
  // Objects that the program created: equal ones first, preferably at the same position.
  for (const i of unsettled()) if (free.has(i) && isSameValue(element, now[i], seen[i])) settle(i, i)
  const byText = new Map<string, number[]>()
  for (const origin of free) {
    const text = textOf(seen[origin])
    const alike = byText.get(text)
    if (alike) alike.push(origin)
    else byText.set(text, [origin])
  }
  for (const i of unsettled()) {
    const alike = byText.get(textOf(now[i])) ?? []
    while (alike.length > 0 && !free.has(alike[0] as number)) alike.shift()
    settle(
      i,
      alike.find(origin => free.has(origin) && isSameValue(element, now[i], seen[origin])),
    )
  }
  // Then those that share the most members; in a list of the same length, those at the same position.
  const rest = unsettled().filter(i => isPlainObject(now[i]))
  const isComparable = rest.length <= MAX_COMPARED && free.size <= MAX_COMPARED
  for (const i of rest) {
    const shared = (origin: number): number => sharedMembers(element, now[i] as Members, seen[origin])
    const ranked = isComparable ? [...free].map(origin => ({ origin, shared: shared(origin) })) : []
    const best = ranked.sort((a, b) => b.shared - a.shared || Number(b.origin === i) - Number(a.origin === i))[0]
    if (best && best.shared > 0) settle(i, best.origin)
    else if (free.has(i) && now.length === seen.length) settle(i, i)
  }
  return origins
}

/** A hash text: equal for equal values, and mostly different for others. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
}

function sharedMembers({ element, shape = {} }: FieldSpec, now: Members, seen: unknown): number {
  if (!isPlainObject(seen)) return 0
  return Object.keys(now).filter(name => {
    const spec = shape[name] ?? element
    return spec !== undefined && own(seen, name) !== undefined && isSameValue(spec, now[name], seen[name])
  }).length
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined
}
