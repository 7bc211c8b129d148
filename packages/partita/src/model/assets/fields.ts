/** Where assets are in a model: its asset fields at any depth, and the assets of a stored row. */
import { type Item, isPlainObject, type Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'

/** An asset in a stored row. */
export interface FoundAsset {
  readonly spec: FieldSpec
  /** Its path in the program's names. */
  readonly path: readonly (string | number)[]
  readonly stored: Value
}

/** Whether a value of a field is an asset or can contain some. */
export function holdsAssets({ kind, element, shape = {} }: FieldSpec): boolean {
  return kind === 'asset' || (element !== undefined && holdsAssets(element)) || Object.values(shape).some(holdsAssets)
}

/** The assets of a row. */
export function assetsIn({ fields }: CompiledModel, row: Item): FoundAsset[] {
  return fields.flatMap(({ name, attribute, spec }) =>
    holdsAssets(spec) ? [...assetsBelow(spec, row[attribute], [name])] : [],
  )
}

function* assetsBelow(
  spec: FieldSpec,
  stored: Value | undefined,
  path: readonly (string | number)[],
): Generator<FoundAsset> {
  if (stored === undefined || stored === null) return
  const { kind, element, shape = {} } = spec
  if (kind === 'asset') yield { spec, path, stored }
  else if (Array.isArray(stored) && element) {
    for (const [i, part] of stored.entries()) yield* assetsBelow(element, part as Value, [...path, i])
  } else if (isPlainObject(stored)) {
    const parts = stored as { readonly [name: string]: Value }
    const members: [string, string, FieldSpec][] = element
      ? Object.keys(parts).map(name => [name, name, element])
      : Object.entries(shape).map(([name, member]) => [name, member.attribute ?? name, member])
    for (const [name, attribute, member] of members) {
      if (holdsAssets(member) && Object.hasOwn(parts, attribute))
        yield* assetsBelow(member, parts[attribute], [...path, name])
    }
  }
}

/** The asset field at a path of names, through lists and records; undefined if there is none. */
export function assetFieldAt(model: CompiledModel, names: readonly string[]): FieldSpec | undefined {
  const [first = '', ...rest] = names
  let spec = elementsOf(model.byName.get(first)?.spec)
  for (const name of rest) {
    spec = elementsOf(spec?.shape && Object.hasOwn(spec.shape, name) ? spec.shape[name] : undefined)
  }
  return spec?.kind === 'asset' ? spec : undefined
}

function elementsOf(spec: FieldSpec | undefined): FieldSpec | undefined {
  let inner = spec
  while (inner?.element) inner = inner.element
  return inner
}
