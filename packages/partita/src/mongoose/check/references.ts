/** References and limits of a document: all of them share their lookups, and each part has a result of its own. */
import { runChain, runDirect } from '../../crql/run.js'
import { type Found, type Steps, valuesAt } from '../../crql/values.js'
import { valueText } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import { bsonIdentity, shownValue } from '../schema/bson.js'
import type { CompiledReference } from '../schema/compile.js'
import type { DocumentQuery } from '../schema/models.js'
import { castTo } from '../schema/paths.js'
import type { DocumentPart, PlainDocument } from './document.js'
import type { QueriedDocuments } from './lookups.js'
import type { DocumentViolation } from './violation.js'

/** A constraint with the parts of the document that it is checked in. */
export interface AffectedReference {
  readonly reference: CompiledReference
  readonly parts: readonly DocumentPart[]
}

/** One part of the document, with the constrained values in it. */
interface Context {
  readonly part: DocumentPart
  readonly values: readonly Found<unknown>[]
}

/** The violations of one constraint. */
export async function referenceViolations(
  { reference, parts }: AffectedReference,
  root: PlainDocument,
  documents: QueriedDocuments,
): Promise<DocumentViolation[]> {
  const contexts = parts.flatMap(part => {
    const values = constrainedValues(reference, part)
    return values.length > 0 ? [{ part, values }] : []
  })
  if (contexts.length === 0) return []
  const { compiled } = reference
  const isFound =
    compiled.kind === 'direct'
      ? await direct(compiled, reference, contexts, documents)
      : await chain(compiled, reference, contexts, root, documents)
  const mustBeFound = reference.kind === 'goodiesForeignConstraints'
  return contexts.flatMap(({ part, values }, i) =>
    values.flatMap(({ value, at }) =>
      isFound(i, value) === mustBeFound ? [] : [violation(reference, [...part.at, ...at], value)],
    ),
  )
}

function constrainedValues({ path, type }: CompiledReference, part: DocumentPart): Found<unknown>[] {
  const found = valuesAt<unknown>(part.value, path.split('.'))
  if (type.instance !== 'Map') return found
  // Each value of a map is constrained.
  return found.flatMap(({ value, at }) =>
    isPlainObject(value)
      ? Object.entries(value).flatMap(([key, each]) =>
          valuesAt<unknown>([each], []).map(below => ({ value: below.value, at: [...at, key, ...below.at.slice(1)] })),
        )
      : [],
  )
}

type IsFound = (context: number, value: unknown) => boolean

async function direct(
  query: Extract<DocumentQuery, { kind: 'direct' }>,
  { leaf }: CompiledReference,
  contexts: readonly Context[],
  documents: QueriedDocuments,
): Promise<IsFound> {
  const distinct = new Map(
    contexts.flatMap(({ values }) => values.map(({ value }) => [bsonIdentity(value), value] as const)),
  )
  const convert = (id: string, to: typeof leaf) => castTo(distinct.get(id), leaf, to)
  const found = await runDirect(query, [...distinct.keys()], convert, documents)
  return (_, value) => found.some(ids => ids.has(bsonIdentity(value)))
}

async function chain(
  query: Extract<DocumentQuery, { kind: 'chain' }>,
  { leaf }: CompiledReference,
  contexts: readonly Context[],
  root: PlainDocument,
  documents: QueriedDocuments,
): Promise<IsFound> {
  const target = query.hops[0]?.target
  const from = contexts.map(({ part }) => ({
    values: target ? documents.read(target.isRoot ? root : part.value, target) : [],
    leaf: target?.leaf,
  }))
  const results = await runChain(query, from, documents)
  return (context, value) =>
    query.paths.some(({ name, leaf: end }) => {
      const other = castTo(value, leaf, end)
      return other !== undefined && results[context]?.get(name)?.has(bsonIdentity(other)) === true
    })
}

function violation({ kind, query }: CompiledReference, path: Steps, value: unknown): DocumentViolation {
  const not = kind === 'goodiesForeignConstraints' ? 'not ' : ''
  // The same for a document that is absent, deleted, or that the chain cannot reach.
  const message = `${valueText(shownValue(value))} is ${not}among the values of ${query.trim()}`
  return { kind, path, message, value }
}
