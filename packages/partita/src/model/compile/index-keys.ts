/** The keys of rows in the table and in its indexes. */
import { invalid, valueText } from '../../errors/errors.js'
import type { Condition } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { pathsOf } from '../../expression/path/walk.js'
import type { Item } from '../../value/value.js'
import { RESERVED_PREFIXES } from '../define/definition-check.js'
import type { KeyField, Template } from '../define/template.js'
import type { CompiledIndex } from './compiled-model.js'

/** Whether a partition key begins with a prefix that the library reserves, such as that of tenants. */
export function isReserved({ raw }: Template, text: string): boolean {
  // Templates that escape values are checked when the model is defined.
  return raw && RESERVED_PREFIXES.some(prefix => text.startsWith(prefix))
}

/** Rejects a reserved key: its row would be in the partition of a tenant. */
export function checkReserved(template: Template, text: string): void {
  if (!isReserved(template, text)) return
  const at = template.fields.length > 0 ? [(template.fields[0] as KeyField).name] : []
  throw invalid(
    at,
    `makes the partition key ${valueText(text)}; keys that begin with ${RESERVED_PREFIXES.join(' ')} are reserved for the library`,
  )
}

/**
 * A row's key in an index; undefined if the row is not in the index. Throws as {@link Template.print}, and for a reserved
 * partition key.
 */
export function keysIn(
  { pk, sk, when }: CompiledIndex,
  row: Item,
  prefix: string,
): { readonly pk: string; readonly sk: string } | undefined {
  if (when && !matches(when, row)) return undefined
  const partition = pk.print(row)
  const sort = partition === undefined ? undefined : sk.print(row)
  if (partition === undefined || sort === undefined) return undefined
  checkReserved(pk, partition)
  return { pk: prefix + partition, sk: sort }
}

/** Compiles an index, or the key of the table. @param stored the stored names of the fields. */
export function compileIndex(
  name: string,
  on: string | undefined,
  attributes: { readonly pk: string; readonly sk: string | undefined },
  pk: Template,
  sk: Template,
  stored: ReadonlySet<string>,
  when?: Condition,
): CompiledIndex {
  const derivedAttributes = [attributes.pk, attributes.sk].filter(it => it !== undefined && !stored.has(it)) as string[]
  const of = [...pk.fields, ...sk.fields].map(({ attribute }) => attribute)
  const whenAttributes = [...new Set(pathsOf(when).map(([attribute]) => attribute))]
  return {
    name,
    on,
    pkAttribute: attributes.pk,
    skAttribute: attributes.sk,
    pk,
    sk,
    when,
    whenAttributes,
    attributes: [...new Set([...of, ...whenAttributes])],
    derivedAttributes,
  }
}
