/**
 * References and limits: the values of a field must, or must not, be among the values that a query finds. All constraints of
 * one write share their lookups.
 */
import type { ContextModel, Target } from '../../crql/compile.js'
import { runChain, runDirect } from '../../crql/run.js'
import { type Found, valuesAt } from '../../crql/values.js'
import { type Issue, ValidationError, type Violation, valueText, withArticle } from '../../errors/errors.js'
import { type Item, isPlainObject, type Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { codecOf } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import type { RowContext } from '../rows/rows.js'
import type { ExplainedHop } from '../types/explanation.js'
import { compileRowQuery, type RowQuery } from './crql/compile.js'
import { areComparable, convert, type DocumentPath, resolveBelow, resolvePath } from './crql/document-path.js'
import { Lookups, type RowFinder } from './crql/lookups.js'
import { rowDocuments, type Trace } from './crql/row-documents.js'
import { valueIdentity } from './value-identity.js'

/** A reference or limit of a field. */
export interface ReferenceRule {
  readonly kind: 'references' | 'limits'
  /** The part of the row that a query's relative paths start from: the row, or each element of a list of maps. */
  readonly part: DocumentPath | undefined
  /** The constrained path, within the part. */
  readonly path: { readonly steps: readonly (string | number)[]; readonly leaf: FieldSpec }
  /** As the program names it. */
  readonly name: string
  readonly query: RowQuery
  /** Stored names of the fields that the result depends on. */
  readonly attributes: readonly string[]
}

/**
 * Compiles the references and limits of a model.
 * @param issues receives what is wrong, with the path in the definition.
 */
export function compileReferences(
  models: ReadonlyMap<string, CompiledModel>,
  model: CompiledModel,
  kind: ReferenceRule['kind'],
  given: Readonly<Record<string, unknown>>,
  issues: Issue[],
): ReferenceRule[] {
  return Object.entries(given).flatMap(([name, texts]) =>
    (Array.isArray(texts) ? texts : [texts]).flatMap(text => {
      try {
        return [compileReference(models, model, kind, name, text)]
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        for (const { message } of error.details.issues)
          issues.push({ path: [model.name, 'rules', kind, name], message })
        return []
      }
    }),
  )
}

function compileReference(
  models: ReadonlyMap<string, CompiledModel>,
  model: CompiledModel,
  kind: ReferenceRule['kind'],
  name: string,
  text: unknown,
): ReferenceRule {
  const names = name.split('.')
  const whole = resolvePath(model, names)
  if (typeof whole === 'string') throw new ValidationError([{ path: [], message: whole }])
  // The part of the document that carries the constraint: `roles` of `roles.userId`.
  const part = names.length === 1 ? undefined : (resolvePath(model, names.slice(0, -1)) as DocumentPath)
  const start: ContextModel<FieldSpec> = {
    resolve: ({ isRoot, path }) => {
      if (isRoot || !part) {
        const resolved = resolvePath(model, path)
        return typeof resolved === 'string' ? resolved : { ...resolved, isRoot: true }
      }
      const below = resolveBelow(part.leaf, path)
      return typeof below === 'string' ? below : { ...below, name: path.join('.'), field: part.field, isRoot: false }
    },
  }
  const query = compileRowQuery(models, text, start)
  const ends = query.kind === 'direct' ? query.matches.map(({ path }) => path) : query.paths
  if (!ends.some(({ leaf }) => areComparable(leaf, whole.leaf))) {
    const message = `is ${withArticle(whole.leaf.kind)}, but the query finds ${ends.map(({ name, leaf }) => `${name}, ${withArticle(leaf.kind)}`).join('; ')}`
    throw new ValidationError([{ path: [], message }])
  }
  const path = part
    ? { steps: whole.steps.slice(part.steps.length), leaf: whole.leaf }
    : { steps: whole.steps, leaf: whole.leaf }
  const target = query.kind === 'chain' ? query.hops[0]?.target : undefined
  // A direct query can find the row itself, by the values that the write gives it.
  const own =
    query.kind === 'direct' ? query.matches.flatMap(match => (match.model === model ? [match.path.field] : [])) : []
  const fields = [...new Set([whole.field, ...(target ? [target.field] : []), ...own])]
  const attributes = fields.map(field => model.byName.get(field)?.attribute ?? field)
  return { kind, part, path, name, query, attributes }
}

/** One document, or part of one, with the constrained values in it. */
interface Context {
  readonly root: Item
  readonly part: Value
  readonly at: readonly (string | number)[]
  readonly values: readonly Found<Value>[]
}

/**
 * The violations of a row by all its references and limits. Only those are checked whose fields the write changes: a row may
 * keep a reference to a row that was deleted since.
 * @param isChanged whether the write changes a stored attribute.
 */
export async function referenceViolations(
  context: RowContext,
  rules: readonly ReferenceRule[],
  row: Item,
  isChanged: (attribute: string) => boolean,
  lookups = new Lookups(context),
): Promise<Violation[]> {
  const affected = rules.filter(({ attributes }) => attributes.some(isChanged))
  // What a query finds in the row itself is what the write gives it: a row may refer to itself.
  const withRow = lookups.including(context.model, row)
  const violations = await Promise.all(affected.map(rule => check(context, rule, row, withRow)))
  return violations.flat()
}

async function check(
  { model, scope }: RowContext,
  rule: ReferenceRule,
  row: Item,
  lookups: RowFinder,
): Promise<Violation[]> {
  const contexts = contextsOf(rule, row)
  if (contexts.length === 0) return []
  const { query, path, kind, name } = rule
  const hops: ExplainedHop[] = []
  scope.recorder?.queries.push({ rule: kind, model: model.name, path: name, query: query.text.trim(), hops })
  const trace: Trace = hop => void hops.push(hop)
  const isFound =
    query.kind === 'direct'
      ? await direct(query, contexts, path.leaf, lookups, trace)
      : await chain(query, contexts, path.leaf, lookups, trace)
  const mustBeFound = kind === 'references'
  return contexts.flatMap((context, i) =>
    context.values.flatMap(({ value, at }): Violation[] =>
      isFound(i, value) === mustBeFound ? [] : [violation(rule, [...context.at, ...at], value)],
    ),
  )
}

function contextsOf({ part, path, name }: ReferenceRule, row: Item): Context[] {
  const names = name.split('.')
  const ofPart = (value: Value, at: readonly (string | number)[], rest: readonly string[]): Context => {
    const values = valuesAt<Value>(value, path.steps).map(found => ({
      ...found,
      at: named(found.at, path.steps, rest),
    }))
    return { root: row, part: value, at, values }
  }
  const all = part
    ? valuesAt<Value>(row, part.steps).map(({ value, at }) =>
        ofPart(value, named(at, part.steps, names.slice(0, -1)), names.slice(-1)),
      )
    : [ofPart(row as unknown as Value, [], names)]
  return all.filter(({ values }) => values.length > 0)
}

/** The path of a value as the program names it: the stored names replaced, the indexes kept. */
function named(
  at: readonly (string | number)[],
  steps: readonly (string | number)[],
  names: readonly string[],
): (string | number)[] {
  let next = 0
  return at.map(step => {
    if (step !== steps[next]) return step
    return names[next++] ?? step
  })
}

type IsFound = (context: number, value: Value) => boolean

async function direct(
  query: Extract<RowQuery, { kind: 'direct' }>,
  contexts: readonly Context[],
  leaf: FieldSpec,
  lookups: RowFinder,
  trace: Trace,
): Promise<IsFound> {
  const distinct = new Map(
    contexts.flatMap(({ values }) => values.map(({ value }) => [valueIdentity(value), value] as const)),
  )
  const found = await runDirect(
    query,
    [...distinct.keys()],
    (id, to) => convert(distinct.get(id) as Value, leaf, to),
    rowDocuments(lookups, trace),
  )
  return (_, value) => found.some(ids => ids.has(valueIdentity(value)))
}

async function chain(
  query: Extract<RowQuery, { kind: 'chain' }>,
  contexts: readonly Context[],
  leaf: FieldSpec,
  lookups: RowFinder,
  trace: Trace,
): Promise<IsFound> {
  const target = query.hops[0]?.target as Target<FieldSpec>
  const from = contexts.map(({ root, part }) => {
    const values = valuesAt<Value>(target.isRoot ? root : part, target.steps).map(({ value }) => value)
    return { values, leaf: target.leaf }
  })
  const results = await runChain(query, from, rowDocuments(lookups, trace))
  return (context, value) =>
    query.paths.some(({ name, leaf: end }) => {
      const other = convert(value, leaf, end)
      return other !== undefined && results[context]?.get(name)?.has(valueIdentity(other)) === true
    })
}

function violation(
  { kind, path: { leaf }, query }: ReferenceRule,
  path: readonly (string | number)[],
  stored: Value,
): Violation {
  const value = shown(stored, leaf)
  // The same for a row that is absent, deleted, or not visible.
  const message = `${valueText(value)} is ${kind === 'references' ? 'not ' : ''}among the values of ${query.text.trim()}`
  return { rule: kind, path, message, value }
}

function shown(stored: Value, leaf: FieldSpec): unknown {
  try {
    return isPlainObject(stored) ? stored : codecOf(leaf).decode(stored)
  } catch {
    return stored
  }
}
