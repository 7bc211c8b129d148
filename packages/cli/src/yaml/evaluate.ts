/**
 * Makes models of their descriptions, without generated files, and checks them as the library does when they are connected.
 * Mistakes that the library finds are shown in the file that they come from.
 */
import {
  type AnyModel,
  type CollectionDefinition,
  collection,
  connect,
  type Issue,
  many,
  model,
  one,
  through,
  ValidationError,
} from 'partita'
import { rangeOfIssue } from './issue-range.js'
import { type CustomField, makeFields } from './make-field.js'
import type { CollectionDescription, ModelDescription, ModelSet, RelationDescription } from './model-set.js'
import { BadModels, type ModelProblem } from './problem.js'

/** What the descriptions refer to but do not contain. */
export interface Surroundings {
  /** Custom fields by the name of their type. */
  readonly customFields?: ReadonlyMap<string, CustomField>
  /** The exports of each model's rules module, by the name of the model. */
  readonly rules?: ReadonlyMap<string, { readonly [name: string]: unknown }>
}

/** Models and collections as `connect` takes them. */
export interface EvaluatedModels {
  readonly models: Readonly<Record<string, AnyModel>>
  readonly collections: Readonly<Record<string, CollectionDefinition<never, unknown>>>
}

/**
 * Makes the models.
 * @throws BadModels listing what the library rejects, also of models that do not fit together.
 */
export async function evaluateModels(set: ModelSet, around: Surroundings = {}): Promise<EvaluatedModels> {
  const problems: ModelProblem[] = []
  const models: Record<string, AnyModel> = {}
  for (const description of set.models) {
    const made = attempt(set, description, problems, () => makeModel(description, around))
    if (made) models[description.name] = made
  }
  if (problems.length > 0) throw new BadModels(problems, set.files)
  const collections: Record<string, CollectionDefinition<never, unknown>> = {}
  for (const description of set.collections) {
    const made = attempt(set, description, problems, () => makeCollection(description, models))
    if (made) collections[description.name] = made
  }
  if (problems.length === 0) await tryToConnect(set, { models, collections }, problems)
  if (problems.length > 0) throw new BadModels(problems, set.files)
  return { models, collections }
}

function attempt<T>(
  set: ModelSet,
  { name, at }: Pick<ModelDescription, 'name' | 'at'>,
  problems: ModelProblem[],
  make: () => T,
): T | undefined {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const issues: readonly Issue[] = error.details.issues
    problems.push(
      ...issues.map(issue =>
        problemOf(set, issue.path[0] === name ? issue : { ...issue, path: [name, ...issue.path] }, at),
      ),
    )
    return undefined
  }
}

/** Connects the models to a store in memory, where they are compared with each other. */
async function tryToConnect(
  set: ModelSet,
  { models, collections }: EvaluatedModels,
  problems: ModelProblem[],
): Promise<void> {
  const [first, ...others] = new Set(set.models.map(({ database = '' }) => database))
  const inMemory = { type: 'store', connectionDetails: { store: 'memory:' } } as const
  const databases = [
    { id: first || 'main', ...inMemory },
    ...others.map(
      id => ({ id: id || 'main', type: 'store', connectionDetails: { reuseId: first || 'main' } }) as const,
    ),
  ]
  const isOne = others.length === 0 && first === ''
  try {
    const db = await connect({ models, collections, ...(isOne ? { store: 'memory:' } : { databases }) })
    await db.close()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const whole = { file: 0, start: 0, end: 0 }
    problems.push(...error.details.issues.map(issue => problemOf(set, issue, whole)))
  }
}

function problemOf(set: ModelSet, issue: Issue, fallback: ModelProblem['at']): ModelProblem {
  return { at: rangeOfIssue(set, issue.path) ?? fallback, message: `${issue.path.join('.')} ${issue.message}` }
}

function makeModel(description: ModelDescription, around: Surroundings): AnyModel {
  const { name, fields, key, indexes, unique, relations, iterable, type, encoding, softDelete, database } = description
  const definition = {
    fields: makeFields(fields, around.customFields),
    key: { pk: key.pk, sk: key.sk },
    ...(unique.length > 0 && {
      unique: Object.fromEntries(unique.map(it => [it.name, { fields: it.fields, lower: it.lower, trim: it.trim }])),
    }),
    indexes: Object.fromEntries(
      indexes.flatMap(({ name: it, on, pk, sk, when }) =>
        on === 'key' ? [] : [[it, { on, pk, sk, ...(when !== undefined && { when }) }]],
      ),
    ),
    relations: Object.fromEntries(relations.map(it => [it.name, makeRelation(it)])),
    iterable: iterable === false ? false : { buckets: iterable },
    ...(type !== undefined && { type }),
    ...(encoding !== undefined && { encoding }),
    ...(softDelete !== undefined && { softDelete }),
    ...(database !== undefined && { database }),
    ...rulesOf(description, around),
  }
  // The types of `model` are for definitions that the compiler knows.
  return (model as unknown as (name: string, definition: object) => AnyModel)(name, definition)
}

function rulesOf({ name, rules }: ModelDescription, around: Surroundings): { readonly rules?: object } {
  if (!rules) return {}
  return { rules: { ...rules.plain, ...around.rules?.get(name) } }
}

function makeRelation({ kind, target, fields, index = 'key', via = '', to }: RelationDescription): object {
  const pairs = typeof fields === 'object' ? fields : undefined
  if (kind === 'one') return one(target, fields ?? {})
  if (kind === 'many') return many(target, index, pairs)
  return through(target, via, index, { ...(pairs && { fields: pairs }), ...(to !== undefined && { to }) })
}

function makeCollection(
  { name, pk, on, ...parts }: CollectionDescription,
  models: Readonly<Record<string, AnyModel>>,
): CollectionDefinition<never, unknown> {
  const named = (part: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(part).map(([it, target]) => [it, models[target] as AnyModel]))
  const definition = {
    pk,
    ...(on !== undefined && { on }),
    one: named(parts.one),
    optional: named(parts.optional),
    many: named(parts.many),
  }
  return collection(name, definition) as unknown as CollectionDefinition<never, unknown>
}
