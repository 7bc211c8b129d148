/** Fields that hold counts: `f.countOf`, and the attributes that refs with `onDelete` count rows in. */
import type { Issue } from '../../errors/errors.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { AnyModel } from '../define/definition.js'
import type { FieldSpec } from '../define/field.js'

/** What the stored attributes of counts begin with. */
export const COUNT = '_count.'

type Models = Readonly<Record<string, AnyModel>>

/** The stored attribute of the count of rows that refer by a field. */
function countAttribute({ name, definition }: AnyModel, field: string): string {
  const type = definition.type ?? name
  return `${COUNT}${type}.${definition.fields[field]?.spec.attribute ?? field}`
}

/** As {@link countAttribute}, for a compiled model. */
export function countOfRef({ type, name }: CompiledModel, attribute: string): string {
  return `${COUNT}${type ?? name}.${attribute}`
}

/** The models whose rows are counted by refs to them. */
export function countedModels(models: Models): Set<string> {
  const refs = Object.values(models).flatMap(model => Object.values(model?.definition?.fields ?? {}))
  return new Set(refs.flatMap(({ spec }) => (spec.kind === 'ref' && spec.onDelete ? [spec.target as string] : [])))
}

/** Stores a count field where the transactions of the counted rows write it. @param issues receives a count of nothing. */
export function withCount(models: Models, model: AnyModel, name: string, spec: FieldSpec, issues: Issue[]): FieldSpec {
  if (spec.kind !== 'count') return spec
  const [of = '', field = ''] = (spec.counted as string).split('.')
  const counted = Object.hasOwn(models, of) ? models[of] : undefined
  const ref =
    counted && Object.hasOwn(counted.definition.fields, field) ? counted.definition.fields[field]?.spec : undefined
  const report = (message: string): FieldSpec => {
    issues.push({ path: [model.name, 'fields', name], message })
    return spec
  }
  if (!counted || ref?.kind !== 'ref')
    return report(`counts ${spec.counted}, which is not a ref field of a connected model`)
  if (ref.target !== model.name) return report(`counts ${spec.counted}, which refers to ${ref.target}`)
  if (ref.onDelete === undefined) {
    return report(
      `counts ${spec.counted}, which does not say what happens when its ${model.name} is deleted; give it onDelete`,
    )
  }
  return { ...spec, attribute: countAttribute(counted, field) }
}
