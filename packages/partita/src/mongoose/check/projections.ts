/** What queries need of the documents of each model. */
import type { ValuePath } from '../../crql/compile.js'
import type { DocumentQuery, MongooseModel } from '../schema/models.js'
import type { Leaf } from '../schema/paths.js'

/** The projections of all queries of one save. */
export class Projections {
  readonly #paths = new Map<MongooseModel, Set<string>>()

  constructor(queries: readonly DocumentQuery[]) {
    for (const query of queries) {
      if (query.kind === 'direct') {
        for (const { model, path } of query.matches) this.#add(model, [path])
        continue
      }
      query.hops.forEach(({ match }, i) => {
        const next = query.hops[i + 1]?.target
        this.#add(match.model, [match.path, ...(next ? [next] : query.paths)])
      })
    }
  }

  /** The projection for documents of a model. */
  of(model: MongooseModel): Record<string, 1> {
    const paths = [...(this.#paths.get(model) ?? [])].sort()
    // MongoDB refuses a path beside one that it begins with.
    const whole = paths.filter(path => !paths.some(other => path.startsWith(`${other}.`)))
    return Object.fromEntries(['_id', ...whole].map(path => [path, 1] as const))
  }

  #add(model: MongooseModel, paths: readonly ValuePath<Leaf>[]): void {
    let known = this.#paths.get(model)
    if (!known) this.#paths.set(model, (known = new Set()))
    for (const { steps } of paths) {
      // A projection cannot name an element of a list: the whole list is read.
      const index = steps.findIndex(step => typeof step === 'number')
      known.add(steps.slice(0, index < 0 ? steps.length : index).join('.'))
    }
  }
}
