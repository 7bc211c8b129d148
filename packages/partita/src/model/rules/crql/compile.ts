/** Queries checked against the connected models: every model, path and type, and an index for every match. */
import { type ValidationError, valueText } from '../../../errors/errors.js'
import type { CompiledIndex, CompiledModel, CompiledUnique } from '../../compile/compiled-model.js'
import type { FieldSpec } from '../../define/field.js'
import { UNKNOWN } from '../../write/field-path.js'
import { areComparable, type DocumentPath, resolvePath } from './document-path.js'
import { type ParsedQuery, parseQuery, type QueryHop, type QueryPath, type QueryTarget, queryError } from './parse.js'

/** Where a path of a query begins: at the root of a document, or at the part of it that the query belongs to. */
export interface CompiledTarget extends DocumentPath {
  readonly isRoot: boolean
}

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

/** One hop of a chain. */
interface CompiledHop {
  /** Undefined for the first hop of a query whose contexts are not described by a model. */
  readonly target: CompiledTarget | undefined
  readonly source: QueryTarget
  readonly match: CompiledMatch
}

/** A compiled query. */
export type CompiledQuery =
  | { readonly kind: 'direct'; readonly text: string; readonly matches: readonly CompiledMatch[] }
  | {
      readonly kind: 'chain'
      readonly text: string
      readonly hops: readonly CompiledHop[]
      readonly paths: readonly DocumentPath[]
    }

/** How the paths of the first hop are resolved: against a model and a part of it, or not at all. */
export interface ContextModel {
  resolve(target: QueryTarget): CompiledTarget | string
}

type Models = ReadonlyMap<string, CompiledModel>

/**
 * Compiles a query.
 * @param context describes the documents that the first hop starts from; undefined for plain objects.
 * @throws ValidationError with the line and column of what does not fit.
 */
export function compileQuery(models: Models, text: unknown, context: ContextModel | undefined): CompiledQuery {
  return new QueryCompiler(models, String(text), parseQuery(text)).compile(context)
}

class QueryCompiler {
  readonly #models: Models
  readonly #text: string
  readonly #parsed: ParsedQuery

  constructor(models: Models, text: string, parsed: ParsedQuery) {
    this.#models = models
    this.#text = text
    this.#parsed = parsed
  }

  compile(context: ContextModel | undefined): CompiledQuery {
    const parsed = this.#parsed
    const text = this.#text
    if (parsed.kind === 'direct') {
      const model = this.#model(parsed.model, parsed.offset)
      return { kind: 'direct', text, matches: parsed.paths.map(({ path, offset }) => this.#match(model, path, offset)) }
    }
    const hops: CompiledHop[] = []
    let previous: CompiledModel | undefined
    for (const hop of parsed.hops) {
      hops.push(this.#hop(hop, previous, context))
      previous = (hops[hops.length - 1] as CompiledHop).match.model
    }
    const last = previous as CompiledModel
    return { kind: 'chain', text, hops, paths: parsed.paths.map(({ path, offset }) => this.#path(last, path, offset)) }
  }

  #hop(hop: QueryHop, previous: CompiledModel | undefined, context: ContextModel | undefined): CompiledHop {
    const model = this.#model(hop.model, hop.offset)
    const match = this.#match(model, hop.match.path, hop.match.offset)
    const source = hop.target as QueryTarget
    const target = previous
      ? { ...this.#path(previous, source.path, source.offset), isRoot: true }
      : context && this.#start(context, source)
    if (target && !areComparable(target.leaf, match.path.leaf)) {
      throw this.#error(
        hop.offset,
        `${target.name} is a ${kindOf(target.leaf)} and ${model.name}.${match.path.name} a ${kindOf(match.path.leaf)}, so they are never equal`,
      )
    }
    return { target, source, match }
  }

  #start(context: ContextModel, source: QueryTarget): CompiledTarget {
    const target = context.resolve(source)
    if (typeof target === 'string') throw this.#error(source.offset, target)
    return target
  }

  #model(name: string, offset: number): CompiledModel {
    const model = this.#models.get(name)
    if (model) return model
    const known = [...this.#models.keys()].join(', ')
    throw this.#error(offset, `${valueText(name)} is not a connected model; there are ${known}`)
  }

  #path(model: CompiledModel, path: QueryPath, offset: number): DocumentPath {
    const resolved = resolvePath(model, path)
    if (typeof resolved === 'string') throw this.#error(offset, resolved)
    return resolved
  }

  #match(model: CompiledModel, path: QueryPath, offset: number): CompiledMatch {
    const resolved = this.#path(model, path, offset)
    const access = accessOf(model, resolved)
    if (access) return { id: `${model.name} ${resolved.steps.join(' ')}`, model, path: resolved, access }
    throw this.#error(
      offset,
      `no index finds rows of ${model.name} by ${resolved.name}; add a unique constraint of this field alone, or an ` +
        `index whose partition key has only this field`,
    )
  }

  #error(offset: number, message: string): ValidationError {
    return queryError(this.#text, offset, message)
  }
}

/** The way to find rows by a field; undefined if they can only be found by reading all. */
function accessOf(model: CompiledModel, { field, steps }: DocumentPath): Access | undefined {
  const isList = ['list', 'set'].includes(model.byName.get(field)?.spec.kind ?? '')
  if (steps.length !== 1 || isList) return undefined
  if (model.keyFields.length === 1 && model.keyFields[0]?.name === field) return { kind: 'key' }
  const unique = model.uniques.find(({ fields }) => fields.length === 1 && fields[0]?.name === field)
  if (unique) return { kind: 'unique', unique }
  const index = [model.key, ...model.indexes].find(({ pk }) => pk.fields.length === 1 && pk.fields[0]?.name === field)
  return index && { kind: 'index', index }
}

function kindOf(spec: FieldSpec): string {
  return spec === UNKNOWN ? 'value' : spec.kind
}
