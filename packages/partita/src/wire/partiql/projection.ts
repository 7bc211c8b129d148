/** SELECT's list. The value at a path becomes a top-level attribute, named by the end of the path. */
import type { Path } from '../../expression/ast.js'
import { MAX_PAGE_STEPS, Work } from '../../expression/evaluate/index.js'
import { lookup } from '../../expression/path/get.js'
import { type Item, setAttribute } from '../../value/value.js'
import { validation } from '../protocol/aws-error.js'
import { unsupported } from './statement-error.js'
import type { Term } from './term.js'
import { checkPaths } from './update.js'

/** A selected path, and the name that it has in the result. */
export interface Selected {
  readonly name: string
  readonly path: Path
}

/** @throws AwsError for terms that are not paths, duplicate names, and paths that overlap or conflict. */
export function selectedOf(terms: readonly Term[]): Selected[] {
  const selected = terms.map(term => {
    if (term.kind !== 'path') throw unsupported('Unexpected path component', term.position)
    return { name: nameOf(term.steps), path: term.steps }
  })
  const names = new Set<string>()
  for (const { name, path } of selected) {
    if (names.has(name) && typeof path.at(-1) === 'string') {
      throw validation(`Duplicate identifiers in select clause: ${name}`)
    }
    names.add(name)
  }
  checkPaths(selected.map(({ path }) => path))
  return selected
}

/** @param selected undefined for the whole item. */
export function select(selected: readonly Selected[] | undefined, item: Item): Item {
  if (!selected) return item
  const projected: Item = {}
  for (const { name, path } of selected) {
    const value = lookup(path, item)
    if (value !== undefined) setAttribute(projected, name, value)
  }
  return projected
}

/** The same for many items. Of each item it visits only the attributes that the list names. */
export class Selector {
  readonly #byAttribute = new Map<string, Selected[]>()
  readonly #work = new Work(MAX_PAGE_STEPS)

  constructor(selected: readonly Selected[]) {
    for (const it of selected) {
      const [name] = it.path
      const known = this.#byAttribute.get(name)
      if (known) known.push(it)
      else this.#byAttribute.set(name, [it])
    }
  }

  /** @throws LimitExceededError once the items exceed the steps of a page. */
  of(item: Item): Item {
    const projected: Item = {}
    for (const attribute of Object.keys(item)) {
      const selected = this.#byAttribute.get(attribute) ?? []
      this.#work.steps += selected.length
      for (const { name, path } of selected) {
        const value = lookup(path, item)
        if (value !== undefined) setAttribute(projected, name, value)
      }
    }
    this.#work.check()
    return projected
  }
}

/** The last name of a path with the list indexes after it: `l[0]` for `m.l[0]`. */
function nameOf(path: Path): string {
  const last = path.findLastIndex(step => typeof step === 'string')
  return path.slice(last + 1).reduce<string>((name, step) => `${name}[${step}]`, path[last] as string)
}
