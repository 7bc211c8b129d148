/** The types of fields, by the library's names and by DynamoBao's: their function of `f` and their options. */
import { boolean, choice, either, list, type ObjectShape, object, type Shape, text, whole } from './shape.js'

/** A type of fields. */
export interface FieldType {
  /** The function of `f`. */
  readonly call: string
  /** The library's name of the type. */
  readonly name: string
  /** DynamoBao's name, if it has the type. */
  readonly bao?: string
  /** Its own options. */
  readonly options: { readonly [name: string]: Shape }
  readonly required?: readonly string[]
  /** Whether the library fills the field: then it is never optional. */
  readonly isFilled?: true
  readonly description: string
}

/** The name of a field. */
export const FIELD_NAME = text({ pattern: '[A-Za-z][A-Za-z0-9_]*', of: 'the name of a field', maxLength: 255 })
/** The name of a model. */
export const MODEL_NAME = text({ pattern: '[A-Z][A-Za-z0-9_]*', of: 'the name of a model', maxLength: 255 })

const length = whole(0, Number.MAX_SAFE_INTEGER)
const LENGTHS = {
  min: { ...length, description: 'Minimum length.' },
  max: { ...length, description: 'Maximum length.' },
  minLength: { ...length, description: 'Minimum length.' },
  maxLength: { ...length, description: 'Maximum length.' },
}
const TEXT_OPTIONS = {
  ...LENGTHS,
  pattern: text({ description: 'Regular expression that the text must match. It is not anchored.', maxLength: 1000 }),
}
const number: Shape = { kind: 'number' }
const exact = either(number, text({ pattern: '[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?', of: 'a number', maxLength: 200 }))
const time = text({
  pattern: '\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-]\\d\\d:\\d\\d))?',
  of: 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z',
})
const bounds = (of: Shape) => ({ min: of, max: of })
const defaults = (of: Shape) => ({
  default: { ...of, description: 'Value of a create that omits the field.' },
  defaultValue: { ...of, description: 'Value of a create that omits the field.' },
})
const generated = { auto: boolean('Whether a create generates the value.'), autoAssign: boolean('As auto.') }

/** A field as the element of another. */
const element: Shape = { kind: 'named', name: 'field', shape: () => fieldShape() }
const size = whole(0, Number.MAX_SAFE_INTEGER, 'Bytes.')
const sizes = { min: size, max: size }

/** All types. */
export const FIELD_TYPES: readonly FieldType[] = [
  {
    name: 'string',
    bao: 'StringField',
    call: 'string',
    options: { ...TEXT_OPTIONS, ...defaults(text()) },
    description: 'Text.',
  },
  {
    name: 'email',
    bao: 'EmailField',
    call: 'email',
    options: { ...TEXT_OPTIONS, ...defaults(text()) },
    description: 'An e-mail address.',
  },
  { name: 'url', call: 'url', options: { ...TEXT_OPTIONS, ...defaults(text()) }, description: 'An absolute URL.' },
  {
    name: 'integer',
    bao: 'IntegerField',
    call: 'integer',
    options: { ...bounds(whole()), ...defaults(whole()) },
    description: 'A whole number up to 2^53 - 1.',
  },
  {
    name: 'number',
    bao: 'FloatField',
    call: 'number',
    options: {
      ...bounds(number),
      ...defaults(number),
      precision: whole(0, 20, 'Number of decimal digits that writes round to.'),
    },
    description: 'A double.',
  },
  {
    name: 'bigint',
    call: 'bigint',
    options: { ...bounds(exact), ...defaults(exact) },
    description: 'An integer of up to 38 digits.',
  },
  {
    name: 'decimal',
    call: 'decimal',
    options: { ...bounds(exact), ...defaults(exact) },
    description: 'An exact decimal number of up to 38 digits.',
  },
  {
    name: 'boolean',
    bao: 'BooleanField',
    call: 'boolean',
    options: defaults(boolean()),
    description: 'True or false.',
  },
  {
    name: 'date',
    bao: 'DateTimeField',
    call: 'date',
    options: { ...bounds(time), ...defaults(time) },
    description: 'A time, in milliseconds.',
  },
  {
    name: 'ulid',
    bao: 'UlidField',
    call: 'ulid',
    options: { ...generated, ...defaults(text()) },
    description: 'A ULID: an id that sorts by creation time.',
  },
  { name: 'uuid', call: 'uuid', options: { ...generated, ...defaults(text()) }, description: 'A UUID.' },
  {
    name: 'enum',
    call: 'enum',
    options: { values: list(text(), { min: 1, description: 'The values that are allowed.' }), ...defaults(text()) },
    required: ['values'],
    description: 'One of several texts.',
  },
  {
    name: 'ref',
    bao: 'RelatedField',
    call: 'ref',
    options: {
      model: { ...MODEL_NAME, description: 'The model that the field refers to.' },
      guard: boolean('Requires that the row exists when a write commits.'),
      onDelete: choice(['restrict', 'cascade', 'setNull'], 'What a delete of that row does to this one.'),
      ...defaults(text()),
    },
    required: ['model'],
    description: 'The key of a row of another model.',
  },
  {
    name: 'counter',
    bao: 'CounterField',
    call: 'counter',
    options: { ...bounds(whole()), ...defaults(whole()) },
    isFilled: true,
    description: 'An integer that starts at 0, with atomic increments.',
  },
  {
    name: 'countOf',
    call: 'countOf',
    options: {
      ref: text({ pattern: '[A-Z][A-Za-z0-9_]*\\.[A-Za-z][A-Za-z0-9_]*', of: 'a ref field such as Comment.postId' }),
    },
    required: ['ref'],
    isFilled: true,
    description: 'The number of rows that refer to this row by a ref field.',
  },
  {
    name: 'version',
    bao: 'VersionField',
    call: 'version',
    options: {},
    isFilled: true,
    description: 'A version that each write increments, and that saves compare.',
  },
  { name: 'ttl', bao: 'TtlField', call: 'ttl', options: {}, description: 'Time of expiry.' },
  {
    name: 'createdAt',
    bao: 'CreateDateField',
    call: 'createdAt',
    options: {},
    isFilled: true,
    description: 'Time of the create.',
  },
  {
    name: 'updatedAt',
    bao: 'ModifiedDateField',
    call: 'updatedAt',
    options: {},
    isFilled: true,
    description: 'Time of the last write.',
  },
  { name: 'deletedAt', call: 'deletedAt', options: {}, isFilled: true, description: 'Time of the soft delete.' },
  { name: 'bytes', bao: 'BinaryField', call: 'bytes', options: LENGTHS, description: 'Binary data.' },
  {
    name: 'set',
    bao: 'StringSetField',
    call: 'set',
    options: {
      of: { ...element, description: 'The members: text, numbers or bytes. Default: string.' },
      ...LENGTHS,
      ...defaults({ kind: 'any' }),
      maxStringLength: { ...length, description: 'Maximum length of a member.' },
      maxMemberCount: { ...length, description: 'Maximum number of members.' },
    },
    isFilled: true,
    description: 'A set of text, numbers or bytes.',
  },
  {
    name: 'list',
    call: 'list',
    options: { of: element, ...LENGTHS, ...defaults({ kind: 'any' }) },
    required: ['of'],
    description: 'A list of elements of one type.',
  },
  {
    name: 'record',
    call: 'record',
    options: { of: element, ...LENGTHS, ...defaults({ kind: 'any' }) },
    required: ['of'],
    description: 'An object with arbitrary names and values of one type.',
  },
  {
    name: 'map',
    call: 'map',
    options: { fields: { kind: 'named', name: 'fields', shape: () => fieldsShape() }, ...defaults({ kind: 'any' }) },
    required: ['fields'],
    description: 'An object with exactly these fields.',
  },
  { name: 'json', call: 'json', options: defaults({ kind: 'any' }), description: 'Any JSON.' },
  {
    name: 'asset',
    call: 'asset',
    options: {
      types: either(list(text(), { min: 1 }), {
        kind: 'record',
        names: '.+',
        nameIs: 'a content type',
        of: object(sizes),
      }),
      ...sizes,
    },
    description: 'A file, such as an image.',
  },
]

/** Types by each of their names. */
export const TYPE_BY_NAME: ReadonlyMap<string, FieldType> = new Map(
  FIELD_TYPES.flatMap(type =>
    [type.bao, type.name].flatMap(name => (name === undefined ? [] : [[name, type] as const])),
  ),
)

/** Options of every field. */
const COMMON: { readonly [name: string]: Shape } = {
  required: boolean(
    'Whether a create needs the field. Default: true, and false for types that are named as in DynamoBao.',
  ),
  optional: boolean('The opposite of required.'),
  readonly: boolean('Whether the field never changes after the create.'),
  attribute: text({ description: 'Name of the stored attribute. Default: the name of the field.', maxLength: 255 }),
  description: text({ description: 'Documentation of the field.' }),
}

const CASES: { readonly [type: string]: ObjectShape } = Object.fromEntries(
  [...TYPE_BY_NAME].map(([name, { options, required = [], description }]) => [
    name,
    object({ type: { kind: 'choice', values: [name], description }, ...COMMON, ...options }, { required }),
  ]),
)

/** A field: the name of its type, or a map with the type and its options. */
function fieldShape(): Shape {
  const names = [...TYPE_BY_NAME.keys()]
  return either(
    {
      kind: 'named',
      name: 'typeName',
      shape: () => text({ pattern: '[A-Za-z][A-Za-z0-9]*', of: `a type such as ${names.slice(0, 3).join(', ')}` }),
    },
    { kind: 'tagged', tag: 'type', tagIs: 'a type of fields', cases: CASES, others: { kind: 'any' } },
  )
}

/** Fields by name. */
export function fieldsShape(): Shape {
  return {
    kind: 'record',
    names: FIELD_NAME.pattern as string,
    nameIs: 'the name of a field',
    of: { kind: 'named', name: 'field', shape: fieldShape },
  }
}
