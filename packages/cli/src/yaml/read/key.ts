/** Reads the keys of a model and of its indexes, in DynamoBao's words or as templates. */
import type { IndexDescription, KeyDescription, SourceRange } from '../model-set.js'
import { suggestion } from '../nearest.js'
import type { ReportProblem } from '../problem.js'
import { type MapEntry, member, plainOf, type TreeNode, textOf } from '../tree.js'

/** The word for the constant prefix of a model, in the position of a field. */
export const PREFIX_WORD = 'modelPrefix'

/** Reads keys. */
export class KeyReader {
  readonly #prefix: string
  readonly #fields: readonly string[]
  readonly #report: ReportProblem

  /** @param fields names of the model's fields. */
  constructor(prefix: string, fields: readonly string[], report: ReportProblem) {
    this.#prefix = prefix
    this.#fields = fields
    this.#report = report
  }

  /** The key of the table. @param name the entry `primaryKey` or `key`. */
  primary({ at, value }: MapEntry): KeyDescription {
    const field = textOf(value)
    if (field !== undefined) return this.#ofWords(field, value.at, undefined, at)
    return this.#key(value, at)
  }

  /** An index. @param primary the key of the table, which an index can name. */
  index({ name, at, value }: MapEntry, primary: KeyDescription): IndexDescription {
    if (textOf(value) !== undefined) return { ...primary, name, on: 'key', at }
    const on = member(value, 'indexId') ?? member(value, 'on')
    const given = on?.kind === 'scalar' ? on.value : undefined
    const physical = typeof given === 'number' ? `gsi${given}` : String(given)
    const when = member(value, 'when')
    return { ...this.#key(value, at), name, on: physical, at, ...(when && { when: plainOf(when) }) }
  }

  #key(node: TreeNode, at: SourceRange): KeyDescription {
    const pk = member(node, 'pk')
    const sk = member(node, 'sk')
    if (pk) {
      const templates = { pk: textOf(pk) ?? '', sk: sk ? (textOf(sk) ?? '') : this.#prefix }
      return {
        ...templates,
        partitionKey: undefined,
        sortKey: undefined,
        pkFields: this.#namesIn(templates.pk, pk.at),
        skFields: sk ? this.#namesIn(templates.sk, sk.at) : [],
        at,
      }
    }
    const partition = member(node, 'partitionKey')
    return this.#ofWords(textOf(partition) ?? '', partition?.at ?? at, member(node, 'sortKey'), at)
  }

  #ofWords(
    partitionKey: string,
    partitionAt: SourceRange,
    sort: TreeNode | undefined,
    at: SourceRange,
  ): KeyDescription {
    const sortKey = textOf(sort)
    const isConstant = partitionKey === PREFIX_WORD
    if (!isConstant) this.#checkField(partitionKey, partitionAt)
    if (sort && sortKey !== undefined && sortKey !== PREFIX_WORD) this.#checkField(sortKey, sort.at)
    const hasSortField = sortKey !== undefined && sortKey !== PREFIX_WORD
    return {
      pk: isConstant ? this.#prefix : `${this.#prefix}#{${partitionKey}}`,
      sk: hasSortField ? `{${sortKey}}` : this.#prefix,
      partitionKey,
      sortKey,
      pkFields: isConstant ? [] : [partitionKey],
      skFields: hasSortField ? [sortKey] : [],
      at,
    }
  }

  #namesIn(template: string, at: SourceRange): string[] {
    const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
    for (const name of names) this.#checkField(name, at)
    return names
  }

  #checkField(name: string, at: SourceRange): void {
    if (!this.#fields.includes(name))
      this.#report(at, `${name} is not a field of this model; ${suggestion(name, this.#fields)}`)
  }
}
