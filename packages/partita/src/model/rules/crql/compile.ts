/** Queries of programs and rules, compiled against the connected models. */
import { type CompiledQuery, type ContextModel, compileQuery, noModel } from '../../../crql/compile.js'
import type { CompiledIndex, CompiledModel, CompiledUnique } from '../../compile/compiled-model.js'
import type { FieldSpec } from '../../define/field.js'
import { UNKNOWN } from '../../write/field-path.js'
import { areComparable, type DocumentPath, resolvePath } from './document-path.js'

/** How rows are found by a value: by key, by a unique marker, or by an index that has the field as its partition key. */
type Access =
  | { readonly kind: 'key' }
  | { readonly kind: 'unique'; readonly unique: CompiledUnique }
  | { readonly kind: 'index'; readonly index: CompiledIndex }

/** A path by which rows are found. */
export interface CompiledMatch {
  /** Identifies the match, so that queries of one write share what they find. */
  readonly id: string
  readonly model: CompiledModel
  readonly path: DocumentPath
  readonly access: Access
}

/** A query over rows. */
export type RowQuery = CompiledQuery<FieldSpec, CompiledMatch>

/**
 * Compiles a query.
 * @param context describes the rows that the first hop starts from; undefined for plain objects.
 * @throws ValidationError with the line and column of what does not fit.
 */
export function compileRowQuery(
  models: ReadonlyMap<string, CompiledModel>,
  text: unknown,
  context: ContextModel<FieldSpec> | undefined,
): RowQuery {
  const kindOf = (spec: FieldSpec) => (spec === UNKNOWN ? 'value' : spec.kind)
  return compileQuery(
    {
      model: name => models.get(name) ?? noModel(name, models.keys()),
      nameOf: model => model.name,
      path: resolvePath,
      match,
      kindOf,
      areComparable,
    },
    text,
    context,
  )
}

function match(model: CompiledModel, path: DocumentPath): CompiledMatch | string {
  const access = accessOf(model, path)
  if (access) return { id: `${model.name} ${path.steps.join(' ')}`, model, path, access }
  return (
    `no index finds rows of ${model.name} by ${path.name}; add a unique constraint of this field alone, or an ` +
    `index without when whose partition key has only this field`
  )
}

/** The way to find rows by a field; undefined if they can only be found by reading all. */
function accessOf(model: CompiledModel, { field, steps }: DocumentPath): Access | undefined {
  const isList = ['list', 'set'].includes(model.byName.get(field)?.spec.kind ?? '')
  if (steps.length !== 1 || isList) return undefined
  if (model.keyFields.length === 1 && model.keyFields[0]?.name === field) return { kind: 'key' }
  const unique = model.uniques.find(({ fields }) => fields.length === 1 && fields[0]?.name === field)
  if (unique) return { kind: 'unique', unique }
  // An index of some rows does not find the others.
  const index = [model.key, ...model.indexes].find(
    ({ pk, when }) => !when && pk.fields.length === 1 && pk.fields[0]?.name === field,
  )
  return index && { kind: 'index', index }
}
