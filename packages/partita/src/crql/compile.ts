/** Queries checked against models: every model, path and type, and a way to find documents for every match. */
import { valueText, withArticle } from '../errors/errors.js'
import { type ParsedQuery, parseQuery, type QueryHop, type QueryPath, type QueryTarget, queryError } from './parse.js'
import type { Steps } from './values.js'

/** A resolved path: its names in the documents, and the description of the values at its end. */
export interface ValuePath<Leaf> {
  /** As the query names it. */
  readonly name: string
  readonly steps: Steps
  /** The description of one value: of an element where the path ends at a list. */
  readonly leaf: Leaf
  /** The name of the field that it begins with. */
  readonly field: string
}

/** Where a path of a query begins: at the root of a document, or at the part of it that the query belongs to. */
export interface Target<Leaf> extends ValuePath<Leaf> {
  readonly isRoot: boolean
}

/** One hop of a chain. */
interface Hop<Leaf, Match> {
  /** Undefined for the first hop of a query whose contexts are not described by a model. */
  readonly target: Target<Leaf> | undefined
  readonly source: QueryTarget
  readonly match: Match
}

/** A compiled query. */
export type CompiledQuery<Leaf, Match> =
  | { readonly kind: 'direct'; readonly text: string; readonly matches: readonly Match[] }
  | {
      readonly kind: 'chain'
      readonly text: string
      readonly hops: readonly Hop<Leaf, Match>[]
      readonly paths: readonly ValuePath<Leaf>[]
    }

/** How the paths of the first hop are resolved: against a model and a part of it. A text says what is wrong. */
export interface ContextModel<Leaf> {
  resolve(target: QueryTarget): Target<Leaf> | string
}

/** The models that queries are checked against. In each answer a text says what is wrong. */
export interface QueryModels<Model, Leaf, Match> {
  model(name: string): Model | string
  nameOf(model: Model): string
  path(model: Model, path: QueryPath): ValuePath<Leaf> | string
  /** How documents are found by the values at a path. */
  match(model: Model, path: ValuePath<Leaf>): Match | string
  kindOf(leaf: Leaf): string
  /** Whether values of two fields can ever be equal. */
  areComparable(a: Leaf, b: Leaf): boolean
}

/**
 * Compiles a query.
 * @param context describes the documents that the first hop starts from; undefined for plain objects.
 * @throws ValidationError with the line and column of what does not fit.
 */
export function compileQuery<Model, Leaf, Match extends { readonly path: ValuePath<Leaf> }>(
  models: QueryModels<Model, Leaf, Match>,
  text: unknown,
  context: ContextModel<Leaf> | undefined,
): CompiledQuery<Leaf, Match> {
  return new QueryCompiler(models, String(text), parseQuery(text)).compile(context)
}

class QueryCompiler<Model, Leaf, Match extends { readonly path: ValuePath<Leaf> }> {
  readonly #models: QueryModels<Model, Leaf, Match>
  readonly #text: string
  readonly #parsed: ParsedQuery

  constructor(models: QueryModels<Model, Leaf, Match>, text: string, parsed: ParsedQuery) {
    this.#models = models
    this.#text = text
    this.#parsed = parsed
  }

  compile(context: ContextModel<Leaf> | undefined): CompiledQuery<Leaf, Match> {
    const parsed = this.#parsed
    const text = this.#text
    if (parsed.kind === 'direct') {
      const model = this.#model(parsed.model, parsed.offset)
      return { kind: 'direct', text, matches: parsed.paths.map(({ path, offset }) => this.#match(model, path, offset)) }
    }
    const hops: Hop<Leaf, Match>[] = []
    let previous: Model | undefined
    for (const hop of parsed.hops) {
      const model = this.#model(hop.model, hop.offset)
      hops.push(this.#hop(hop, model, previous, context))
      previous = model
    }
    const last = previous as Model
    return { kind: 'chain', text, hops, paths: parsed.paths.map(({ path, offset }) => this.#path(last, path, offset)) }
  }

  #hop(
    hop: QueryHop,
    model: Model,
    previous: Model | undefined,
    context: ContextModel<Leaf> | undefined,
  ): Hop<Leaf, Match> {
    const match = this.#match(model, hop.match.path, hop.match.offset)
    const source = hop.target as QueryTarget
    const target = previous
      ? { ...this.#path(previous, source.path, source.offset), isRoot: true }
      : context && this.#valid(context.resolve(source), source.offset)
    if (target && !this.#models.areComparable(target.leaf, match.path.leaf)) {
      const [left, right] = [target.leaf, match.path.leaf].map(leaf => this.#models.kindOf(leaf))
      throw queryError(
        this.#text,
        hop.offset,
        `${target.name} is ${withArticle(left)} and ${this.#models.nameOf(model)}.${match.path.name} ${withArticle(right)}, so they are never equal`,
      )
    }
    return { target, source, match }
  }

  #model(name: string, offset: number): Model {
    return this.#valid(this.#models.model(name), offset)
  }

  #path(model: Model, path: QueryPath, offset: number): ValuePath<Leaf> {
    return this.#valid(this.#models.path(model, path), offset)
  }

  #match(model: Model, path: QueryPath, offset: number): Match {
    return this.#valid(this.#models.match(model, this.#path(model, path, offset)), offset)
  }

  #valid<Answer>(answer: Answer | string, offset: number): Answer {
    if (typeof answer === 'string') throw queryError(this.#text, offset, answer)
    return answer
  }
}

/** The message for a name that no model has. */
export function noModel(name: string, known: Iterable<string>): string {
  return `${valueText(name)} is not a connected model; there are ${[...known].join(', ')}`
}
