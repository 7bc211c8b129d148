/** What a file of models may contain: the words of DynamoBao's YAML, and those of the library. */
import { FIELD_NAME, fieldsShape, MODEL_NAME } from './field-types.js'
import { boolean, choice, either, list, object, type Shape, text, whole } from './shape.js'

const MAX_BUCKETS = 1000
/** DynamoDB allows 1,024 bytes in a sort key, values included. */
const LONGEST_TEMPLATE = 500

const description = text({ description: 'Documentation, which becomes a comment of the generated code.' })
const prefix = text({
  pattern: '[A-Za-z0-9][A-Za-z0-9_.-]*',
  of: 'a short text of letters and digits',
  maxLength: 100,
  description: 'Short text that begins the keys of the rows. It must never change.',
})
const template = text({ maxLength: LONGEST_TEMPLATE, description: 'Template of a key, such as USER#{userId}.' })
const keyPart = { ...FIELD_NAME, description: 'A field, or modelPrefix for the constant prefix.' }
const indexId = either(
  whole(1, 20),
  text({
    pattern: '[A-Za-z0-9_.-]{3,255}',
    of: 'a physical index, gsi1 to gsi20',
    description: 'The physical index: gsi1 to gsi20.',
  }),
)
const fieldPairs: Shape = {
  kind: 'record',
  names: FIELD_NAME.pattern as string,
  nameIs: 'the name of a field',
  of: FIELD_NAME,
}
const lower = boolean('Whether text is compared without regard to case.')
const trim = boolean('Whether white space at both ends is ignored.')
const fieldList = list(FIELD_NAME, { min: 1 })
const paths = either(list(text(), { min: 1 }), text())
const byPath: Shape = {
  kind: 'record',
  names: '[A-Za-z][A-Za-z0-9_.]*',
  nameIs: 'the name or path of a field',
  of: paths,
}
const seconds = whole(1)

const when: Shape = {
  kind: 'record',
  names: '[A-Za-z$][A-Za-z0-9_]*',
  nameIs: 'the name of a field, or $and, $or, $not',
  of: { kind: 'any' },
  description:
    'The rows that are in the index, such as { state: open }. Default: all that have the fields of its keys.',
}

const index: Shape = either(choice(['primaryKey'], 'Gives the primary key a name.'), {
  kind: 'variants',
  variants: [
    {
      has: 'partitionKey',
      shape: object(
        { partitionKey: keyPart, sortKey: keyPart, indexId, when },
        { required: ['partitionKey', 'indexId'] },
      ),
    },
    { has: 'pk', shape: object({ on: indexId, pk: template, sk: template, when }, { required: ['on', 'pk'] }) },
  ],
})

const uniqueConstraint: Shape = object({
  field: { ...FIELD_NAME, description: 'The field whose values are unique.' },
  fields: { ...fieldList, description: 'The fields whose values are unique together.' },
  uniqueConstraintId: text({
    pattern: 'uc[0-9]+',
    of: 'an id such as uc1',
    description: 'DynamoBao’s id of the constraint: uc1, uc2, uc3. It is not needed.',
  }),
  lower,
  trim,
})

const relation: Shape = {
  kind: 'variants',
  variants: [
    { has: 'one', shape: object({ one: MODEL_NAME, field: FIELD_NAME, fields: fieldPairs }, { required: ['one'] }) },
    {
      has: 'many',
      shape: object(
        { many: MODEL_NAME, index: FIELD_NAME, fields: fieldPairs, through: MODEL_NAME, to: FIELD_NAME },
        { required: ['many', 'index'] },
      ),
    },
  ],
}

const rules: Shape = object({
  permissions: either(
    choice(['http'], 'The program checks permissions before it calls the database.'),
    object({ inherit: FIELD_NAME }, { required: ['inherit'] }),
  ),
  locks: list(text(), { description: 'Fields or paths that never change once they have a value.' }),
  uniqueWithin: {
    kind: 'record',
    names: FIELD_NAME.pattern as string,
    nameIs: 'the name of a field',
    of: list(either(text(), list(text(), { min: 1 })), { min: 1 }),
  },
  references: { ...byPath, description: 'CRQL queries that must find each value of a field.' },
  limits: { ...byPath, description: 'CRQL queries that must not find a value of a field.' },
  audit: either(boolean(), object({ expireAfter: seconds })),
  from: text({
    pattern: '\\.{1,2}/[^\\0\\\\]+\\.(ts|mts|js|mjs)',
    of: 'a path such as ./rules/user.ts',
    maxLength: 500,
    description: 'Module whose exports permissions and hooks complete the rules, relative to this file.',
  }),
})

const keyShape: Shape = either(FIELD_NAME, object({ pk: template, sk: template }, { required: ['pk'] }))

const model = object(
  {
    description,
    modelPrefix: prefix,
    tableType: choice(['standard', 'mapping'], 'mapping: the rows are pairs of rows of other models.'),
    fields: fieldsShape(),
    primaryKey: object({ partitionKey: keyPart, sortKey: keyPart }, { required: ['partitionKey'] }),
    key: { ...keyShape, description: 'The key: a field, or templates.' },
    indexes: { kind: 'record', names: FIELD_NAME.pattern as string, nameIs: 'the name of an index', of: index },
    uniqueConstraints: {
      kind: 'record',
      names: FIELD_NAME.pattern as string,
      nameIs: 'the name of a constraint',
      of: uniqueConstraint,
    },
    unique: {
      kind: 'record',
      names: FIELD_NAME.pattern as string,
      nameIs: 'the name of a constraint',
      of: either(fieldList, object({ fields: fieldList, lower, trim }, { required: ['fields'] })),
    },
    relations: { kind: 'record', names: FIELD_NAME.pattern as string, nameIs: 'the name of a relation', of: relation },
    iterable: either(boolean('Whether all rows can be iterated.'), object({ buckets: whole(1, MAX_BUCKETS) })),
    iterationBuckets: whole(1, MAX_BUCKETS, 'Number of partitions of the iteration index. Default 10.'),
    type: either(
      text({
        pattern: '[A-Za-z][A-Za-z0-9_/.-]*',
        of: 'a type name',
        maxLength: 255,
        description: 'Type name that is stored with each row.',
      }),
      { kind: 'null' },
    ),
    encoding: choice(['escaped', 'raw'], 'raw writes values into keys without encoding, for existing tables.'),
    softDelete: either(
      boolean('Whether deletes keep the row, hidden from reads.'),
      object({ indexes: choice(['keep', 'remove']), unique: choice(['free', 'keep']), purgeAfter: seconds }),
    ),
    database: text({ pattern: '[A-Za-z][A-Za-z0-9_.-]*', of: 'the id of a database', maxLength: 255 }),
    rules,
  },
  {
    required: ['fields'],
    hints: { searchable: 'search is not supported; use an index, or a filter with $contains' },
  },
)

const parts: Shape = {
  kind: 'record',
  names: FIELD_NAME.pattern as string,
  nameIs: 'the name of a part',
  of: MODEL_NAME,
}
const collection = object(
  { description, pk: template, on: indexId, one: parts, optional: parts, many: parts },
  { required: ['pk'] },
)

/** A file of models. */
export const FILE = object({
  models: {
    kind: 'record',
    names: MODEL_NAME.pattern as string,
    nameIs: 'the name of a model: it begins with a capital letter',
    of: model,
    description: 'The models, by name.',
  },
  collections: {
    kind: 'record',
    names: '[A-Za-z][A-Za-z0-9_]*',
    nameIs: 'the name of a collection',
    of: collection,
    description: 'Rows of several models in one partition, read by one query.',
  },
  tenancy: choice(['optional', 'required'], 'required: nothing is read or written outside the scope of a tenant.'),
})
