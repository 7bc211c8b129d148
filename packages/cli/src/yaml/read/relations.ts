/**
 * Relations that follow from the models: a ref field leads to the row that it names, an index on a ref field leads back, and
 * a mapping leads from each end of its pairs to the other. A relation that is written in the file replaces the one that
 * would follow. Names never collide: where the short name is taken, a longer one is used.
 */
import type { FieldDescription, IndexDescription, RelationDescription } from '../model-set.js'
import type { ReportProblem } from '../problem.js'
import type { ModelDraft } from './model.js'

/** A relation without its name, and the names that it may have, the shortest first. */
interface Candidate {
  readonly owner: string
  readonly names: readonly string[]
  readonly relation: Omit<RelationDescription, 'name'>
}

/** The models with all their relations. */
export function withRelations(models: readonly ModelDraft[], report: ReportProblem): ModelDraft[] {
  const byName = new Map(models.map(model => [model.name, model]))
  const ones = nameAll(
    models,
    models.flatMap(model => oneRelations(model, byName)),
    report,
  )
  const others = ones.flatMap(model => listRelations(model, new Map(ones.map(it => [it.name, it]))))
  return nameAll(ones, others, report)
}

/** Gives each relation the first of its names that nothing else of its model has or may have. */
function nameAll(models: readonly ModelDraft[], candidates: readonly Candidate[], report: ReportProblem): ModelDraft[] {
  return models.map(model => {
    const taken = new Set([
      ...model.fields.map(({ name }) => name),
      ...model.relations.map(({ name }) => name),
      ...METHODS,
    ])
    const own = candidates.filter(({ owner }) => owner === model.name)
    // A name that two relations want goes to neither, so that a new index does not rename the relation of another.
    const wanted = (name: string): number => own.filter(({ names }) => names[0] === name).length
    const named = own.flatMap(({ names, relation }): RelationDescription[] => {
      const name = names.find((it, i) => !taken.has(it) && (i > 0 || wanted(it) === 1))
      if (name === undefined) {
        report(
          relation.at,
          `its relation in ${model.name} would have a taken name: ${names.join(', ')}; name it under relations`,
        )
        return []
      }
      taken.add(name)
      return [{ name, ...relation }]
    })
    return { ...model, relations: [...model.relations, ...named] }
  })
}

/** Names of methods of records and of members of every object, which relations cannot have. */
const METHODS = [
  'save',
  'update',
  'delete',
  'reload',
  'toJSON',
  'then',
  ...Object.getOwnPropertyNames(Object.prototype),
]

function oneRelations(model: ModelDraft, byName: ReadonlyMap<string, ModelDraft>): Candidate[] {
  return model.fields.flatMap(field => {
    const target = byName.get(field.target ?? '')
    if (!target || hasWrittenOne(model, field.name)) return []
    const fields = keyPairs(model, field, target)
    if (fields === undefined) return []
    const short = shortName(field.name)
    return [
      {
        owner: model.name,
        names:
          short === field.name
            ? [`${short}${target.name}`, `${short}Row`]
            : [short, `${short}${target.name}`, `${field.name}Row`],
        relation: {
          kind: 'one',
          target: target.name,
          fields,
          index: undefined,
          via: undefined,
          to: undefined,
          origin: { kind: 'field', field: field.name },
          at: field.at,
        },
      },
    ]
  })
}

function hasWrittenOne({ relations }: ModelDraft, field: string): boolean {
  return relations.some(
    ({ kind, fields }) =>
      kind === 'one' && (typeof fields === 'object' ? Object.values(fields).includes(field) : fields === field),
  )
}

/** The ref itself, or a field for each key field of the target; undefined if this model does not have them. */
function keyPairs(model: ModelDraft, field: FieldDescription, target: ModelDraft): RelationDescription['fields'] {
  const keys = keyFields(target)
  if (keys.length === 1) return field.name
  if (!keys.includes(field.name) || !keys.every(key => model.fields.some(({ name }) => name === key))) return undefined
  return Object.fromEntries(keys.map(key => [key, key]))
}

/** The distinct fields of a model's key. */
function keyFields({ key }: ModelDraft): string[] {
  return [...new Set([...key.pkFields, ...key.skFields])]
}

/** `userId` without `Id`. */
function shortName(field: string): string {
  return field.length > 2 && field.endsWith('Id') ? field.slice(0, -2) : field
}

/** The key of the table, if it has no name, and all indexes. */
function readableKeys(model: ModelDraft): IndexDescription[] {
  const isNamed = model.indexes.some(({ on }) => on === 'key')
  return [...(isNamed ? [] : [{ ...model.key, name: 'key', on: 'key' }]), ...model.indexes]
}

function listRelations(model: ModelDraft, byName: ReadonlyMap<string, ModelDraft>): Candidate[] {
  return readableKeys(model).flatMap(index => {
    const [name, ...others] = index.pkFields
    const field = model.fields.find(it => it.name === name)
    const owner = byName.get(field?.target ?? '')
    // The key of the table with the ref alone holds one row, whose relation is that of the ref.
    const isOneRow = index.on === 'key' && index.skFields.length === 0
    if (!field || !owner || others.length > 0 || isOneRow || !isOnlyKeyOf(owner, field)) return []
    const actual = index.on === 'key' ? 'key' : index.name
    if (hasWrittenList(owner, model.name, actual)) return []
    const many: Candidate = {
      owner: owner.name,
      names: listNames(index, model, model.tableType === 'mapping'),
      relation: {
        kind: 'many',
        target: model.name,
        fields: undefined,
        index: actual,
        via: undefined,
        to: undefined,
        origin: { kind: 'index', model: model.name, index: index.name },
        at: index.at,
      },
    }
    const far = model.tableType === 'mapping' ? farRelation(model, field, index) : undefined
    if (!far) return [many]
    const names = listNames(index, model, false)
    return [
      many,
      {
        owner: owner.name,
        names,
        relation: { ...many.relation, kind: 'through', target: far.target, via: model.name, to: far.name },
      },
    ]
  })
}

/** Whether the ref is the whole key of the model that it refers to. Else the rows that it lists are not those of one row. */
function isOnlyKeyOf(owner: ModelDraft, { target }: FieldDescription): boolean {
  return owner.name === target && keyFields(owner).length === 1
}

function hasWrittenList(owner: ModelDraft, model: string, index: string): boolean {
  return owner.relations.some(
    it => it.origin.kind === 'written' && it.index === index && (it.via ?? it.target) === model,
  )
}

/** `posts` for an index `postsForUser`, else the name of the index. */
function listNames({ name }: IndexDescription, model: ModelDraft, isPairs: boolean): string[] {
  const short = /^(.+?)For[A-Z]/.exec(name)?.[1]
  const plain = lowerFirst(model.name)
  const long =
    name === 'key' ? [`${plain}Rows`] : [name, `${plain}${upperFirst(name)}`, `${plain}${upperFirst(name)}Rows`]
  if (isPairs)
    return [...new Set([`${plain}${upperFirst(short ?? name)}`, ...long.slice(1), `${plain}${upperFirst(name)}Pairs`])]
  return [...new Set([...(short === undefined ? [] : [short]), ...long])]
}

/** The relation of a pair to its other end: by the sort key, else by the first other ref. */
function farRelation(
  model: ModelDraft,
  near: FieldDescription,
  index: IndexDescription,
): RelationDescription | undefined {
  const ones = model.relations.filter(
    ({ kind, fields }) => kind === 'one' && typeof fields === 'string' && fields !== near.name,
  )
  return ones.find(({ fields }) => index.skFields.includes(fields as string)) ?? ones[0]
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
