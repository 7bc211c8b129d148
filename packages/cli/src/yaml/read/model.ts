/** Reads one model: everything that its own part of the file says. */
import type {
  ModelDescription,
  PlainValue,
  RelationDescription,
  RulesDescription,
  UniqueDescription,
} from '../model-set.js'
import { suggestion } from '../nearest.js'
import type { ReportProblem } from '../problem.js'
import { entriesOf, type MapEntry, member, plainOf, scalarOf, type TreeNode, textOf } from '../tree.js'
import { FieldReader } from './field.js'
import { KeyReader, PREFIX_WORD } from './key.js'
import { isTrue, optionOf, textsByName, textsOf } from './options.js'

/** Buckets of the iteration index, if the model does not say. */
const DEFAULT_BUCKETS = 10

/** A model before the models are compared: without the relations that follow from others, and without a file name. */
export type ModelDraft = Omit<ModelDescription, 'fileName'>

/** Reads a model whose shape has been checked. */
export function readModel(entry: MapEntry, customTypes: ReadonlySet<string>, report: ReportProblem): ModelDraft {
  const { name, at, value: node } = entry
  const fieldEntries = entriesOf(member(node, 'fields'))
  const fieldNames = fieldEntries.map(field => field.name)
  for (const field of fieldEntries) {
    if (field.name === PREFIX_WORD)
      report(field.at, `${PREFIX_WORD} cannot be the name of a field: keys use the word for the prefix`)
  }
  const type = scalarOf(member(node, 'type')) as string | null | undefined
  const prefix = textOf(member(node, 'modelPrefix')) ?? type ?? name
  const keys = new KeyReader(prefix, fieldNames, report)
  const keyEntry = optionOf(node, ['primaryKey', 'key'], report)
  if (!keyEntry) report(at, `${name} lacks primaryKey`)
  const key = keyEntry
    ? keys.primary(keyEntry)
    : { pk: '', sk: '', partitionKey: undefined, sortKey: undefined, pkFields: [], skFields: [], at }
  const fields = new FieldReader(report, customTypes)
  const keyFields = new Set([...key.pkFields, ...key.skFields])
  return {
    name,
    prefix,
    tableType: textOf(member(node, 'tableType')) === 'mapping' ? 'mapping' : 'standard',
    iterable: bucketsOf(node, report),
    fields: fieldEntries.map(field => fields.read(field, keyFields)),
    key,
    indexes: entriesOf(member(node, 'indexes')).map(index => keys.index(index, key)),
    unique: uniqueOf(node, fieldNames, report),
    relations: entriesOf(member(node, 'relations')).map(relation => relationOf(relation, report)),
    type: member(node, 'type') ? type : undefined,
    encoding: textOf(member(node, 'encoding')) as ModelDraft['encoding'],
    softDelete: plainMember(node, 'softDelete'),
    database: textOf(member(node, 'database')),
    rules: rulesOf(node, at),
    description: textOf(member(node, 'description')),
    at,
  }
}

function plainMember(node: TreeNode, name: string): PlainValue | undefined {
  const found = member(node, name)
  return found && plainOf(found)
}

function bucketsOf(node: TreeNode, report: ReportProblem): false | number {
  const iterable = member(node, 'iterable')
  const buckets = member(node, 'iterationBuckets') ?? member(iterable, 'buckets')
  if (scalarOf(iterable) === false) {
    if (buckets) report(buckets.at, 'iterationBuckets has no effect without iterable; remove one of them')
    return false
  }
  return buckets ? Number(scalarOf(buckets)) : DEFAULT_BUCKETS
}

function uniqueOf(node: TreeNode, fieldNames: readonly string[], report: ReportProblem): UniqueDescription[] {
  const ids = new Map<string, string>()
  const names = new Set<string>()
  const entries = [...entriesOf(member(node, 'uniqueConstraints')), ...entriesOf(member(node, 'unique'))]
  return entries.map(({ name, at, value }) => {
    if (names.has(name)) report(at, `${name} is a unique constraint twice`)
    names.add(name)
    const id = member(value, 'uniqueConstraintId')
    const other = ids.get(textOf(id) ?? '')
    if (id && other !== undefined) report(id.at, `${textOf(id)} is also the id of ${other}; use another`)
    if (id) ids.set(textOf(id) ?? '', name)
    const option = value.kind === 'list' ? undefined : optionOf(value, ['field', 'fields'], report)
    const listed = value.kind === 'list' ? value : option?.value
    if (!listed) report(at, `${name} lacks field`)
    for (const item of listed?.kind === 'list' ? listed.items : listed ? [listed] : []) {
      const field = textOf(item) ?? ''
      if (!fieldNames.includes(field))
        report(item.at, `${field} is not a field of this model; ${suggestion(field, fieldNames)}`)
    }
    return {
      name,
      fields: textsOf(listed),
      lower: isTrue(member(value, 'lower')),
      trim: isTrue(member(value, 'trim')),
      at,
    }
  })
}

function relationOf({ name, at, value }: MapEntry, report: ReportProblem): RelationDescription {
  const base = { name, origin: { kind: 'written' }, at } as const
  const one = textOf(member(value, 'one'))
  const fields = member(value, 'fields')
  if (one !== undefined) {
    const option = optionOf(value, ['field', 'fields'], report)
    if (!option) report(at, `${name} lacks field: the ref field of this model`)
    const from = option?.name === 'field' ? (textOf(option.value) ?? '') : textsByName(fields)
    return { ...base, kind: 'one', target: one, fields: from, index: undefined, via: undefined, to: undefined }
  }
  const via = textOf(member(value, 'through'))
  const to = member(value, 'to')
  if (to && via === undefined) report(to.at, 'to has no meaning without through; remove it')
  return {
    ...base,
    kind: via === undefined ? 'many' : 'through',
    target: textOf(member(value, 'many')) ?? '',
    fields: fields && textsByName(fields),
    index: textOf(member(value, 'index')),
    via,
    to: textOf(to),
  }
}

function rulesOf(node: TreeNode, at: RulesDescription['at']): RulesDescription | undefined {
  const entry = entriesOf(node).find(({ name }) => name === 'rules')
  if (!entry) return undefined
  const plain = entriesOf(entry.value).filter(({ name }) => name !== 'from')
  return {
    plain: Object.fromEntries(plain.map(({ name, value }) => [name, plainOf(value)])),
    from: textOf(member(entry.value, 'from')),
    at: entry.at ?? at,
  }
}
