/**
 * Elements of a changed list, encoded. One that the program kept is stored as it was, and one that it changed keeps the
 * members that this version of the model does not know. The objects that were read
 * identify the old elements; objects that the program made are matched by content, as elements have no names.
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

/** Changed elements beyond this number are not compared with each other: the work grows with the square. */
const MAX_COMPARED = 100

/**
 * @param seen the elements as the program read them, and `stored` in the same order as they are kept.
 * @param first the position of the first of them in the list.
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

/** A value encoded on top of what is stored. */
async function encodeKeeping(
  spec: FieldSpec,
  now: unknown,
  seen: unknown,
  stored: Value | undefined,
  at: IssuePath,
  issues: Issue[],
): Promise<Value | undefined> {
  if (stored !== undefined && isSameValue(spec, now, seen)) return stored
  const faults = issues.length
  const whole = isDocument(spec, now, seen, stored)
    ? await encodeMembers(spec, now as Members, seen as Members, stored as Members, at, issues)
    : await encodeList(spec, now, seen, stored, at, issues)
  if (whole === undefined) return codecOf(spec).encode(await prepare(spec, now, at, issues), at, issues)
  if (issues.length === faults && isChecked(spec)) codecOf(spec).encode(codecOf(spec).decode(whole), at, issues)
  return whole
}

/** Undefined where it is no list that was one before. */
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
      issues.push({ path: [...at, name], message: unknownName(specs.keys(), issues.length === before) })
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

/** For each new element the position of the old one that it was; undefined for one that was not there. */
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
  // Of objects that the program made: equal ones first, at the same position where they can be.
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
  // Then those that share most members, and in a list of the same length those at the same position.
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

/** Equal for equal values, and mostly not for others. */
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
