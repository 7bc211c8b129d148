/** Checks the keys of a table and its indexes, and that they match the attribute definitions. */
import {
  type IndexKeySchema,
  type KeyAttribute,
  partitionAttributes,
  sortAttributes,
} from '../../../store/definition.js'
import { type AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import type { AttributeDefinition, CreateTableInput, KeyElement } from './inputs.js'

/** Maximum number of hash key attributes of a global index, and of range key attributes. */
const MOST_KEYS = 4

/** Checks the keys of a new table and its indexes against its attribute definitions. @throws AwsError */
export function checkKeys(input: CreateTableInput): void {
  const { KeySchema: schema, LocalSecondaryIndexes: locals, GlobalSecondaryIndexes: globals } = input
  const definitions = input.AttributeDefinitions
  const defined = new Set(definitions.map(({ AttributeName }) => AttributeName))
  const keys = keyNamesOf(schema)
  if (keys.length > definitions.length) {
    throw validation('Invalid KeySchema: Some index key attribute have no definition')
  }
  checkNoneTwice(definitions)
  checkDefined(keys, defined)
  checkOrder(schema)
  if (!locals && !globals) {
    if (keys.length === defined.size) return
    throw invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    )
  }
  if (locals?.length === 0) throw invalidValues('List of LocalSecondaryIndexes is empty')
  if (globals?.length === 0) throw invalidValues('List of GlobalSecondaryIndexes is empty')
  const used = new Set(keys)
  for (const index of [...(locals ?? []), ...(globals ?? [])]) {
    checkDefined(keyNamesOf(index.KeySchema), defined)
    for (const name of keyNamesOf(index.KeySchema)) used.add(name)
  }
  if (used.size < defined.size) throw unused([...defined], [...used])
}

/** @throws AwsError if a name is defined twice, with the same type or with two. */
export function checkNoneTwice(definitions: readonly AttributeDefinition[]): void {
  const names = new Set<string>()
  for (const { AttributeName: name } of definitions) {
    if (names.has(name)) throw validation(`Attribute Name is duplicated: ${name}`)
    names.add(name)
  }
}

/** @throws AwsError if a key attribute has no definition. */
export function checkDefined(keys: readonly string[], defined: ReadonlySet<string>): void {
  if (keys.every(name => defined.has(name))) return
  throw invalidValues(
    `Some index key attributes are not defined in AttributeDefinitions. Keys: ${list(keys)}, AttributeDefinitions: ${list(hashed([...defined], defined.size))}`,
  )
}

/** Checks the key of a table or a local index: one hash key, then at most one range key. @throws AwsError */
export function checkOrder(schema: readonly KeyElement[]): void {
  const [first, second] = schema
  if (first?.AttributeName === second?.AttributeName) throw sameName()
  checkHashFirst(schema)
  if (second && second.KeyType !== 'RANGE') {
    throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type')
  }
}

/** Checks the key of a global index: hash keys, then range keys. @throws AwsError */
export function checkGlobalOrder(schema: readonly KeyElement[]): void {
  const names = keyNamesOf(schema)
  if (new Set(names).size < names.length) {
    if (schema.length === 2 && schema[1]?.KeyType === 'RANGE') throw sameName()
    throw validation('The KeySchema contains multiple key attributes with the same name')
  }
  checkHashFirst(schema)
  const hashes = schema.filter(({ KeyType }) => KeyType === 'HASH').length
  if (schema.slice(0, hashes).some(({ KeyType }) => KeyType !== 'HASH')) {
    throw invalidValues('All HASH key attributes must precede RANGE key attributes in the KeySchema')
  }
  if (hashes > MOST_KEYS) throw tooMany('HASH')
  if (schema.length - hashes > MOST_KEYS) throw tooMany('RANGE')
}

/** Converts a key to the store's form. Missing and superfluous definitions were refused before. */
export function toKeySchema(
  schema: readonly KeyElement[],
  definitions: readonly AttributeDefinition[],
): IndexKeySchema {
  const attributes = (kind: KeyElement['KeyType']) =>
    schema
      .filter(({ KeyType }) => KeyType === kind)
      .map(({ AttributeName: name }): KeyAttribute => {
        const type = definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? 'S'
        return { name, type }
      })
  const [partition, ...morePartition] = attributes('HASH')
  const [sort, ...moreSort] = attributes('RANGE')
  return {
    partition: partition as KeyAttribute,
    ...(morePartition.length > 0 && { morePartition }),
    ...(sort && { sort }),
    ...(moreSort.length > 0 && { moreSort }),
  }
}

/** Converts a key to AWS's form. */
export function fromKeySchema(schema: IndexKeySchema): KeyElement[] {
  const elements = (attributes: readonly KeyAttribute[], KeyType: KeyElement['KeyType']) =>
    attributes.map(({ name }) => ({ AttributeName: name, KeyType }))
  return [...elements(partitionAttributes(schema), 'HASH'), ...elements(sortAttributes(schema), 'RANGE')]
}

/** The names of a key's attributes, in the order of the schema. */
export function keyNamesOf(schema: readonly KeyElement[]): string[] {
  return schema.map(({ AttributeName }) => AttributeName)
}

function checkHashFirst(schema: readonly KeyElement[]): void {
  if (schema[0]?.KeyType === 'HASH') return
  throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type')
}

function sameName(): AwsError {
  return validation('Both the Hash Key and the Range Key element in the KeySchema have the same name')
}

function tooMany(kind: KeyElement['KeyType']): AwsError {
  return invalidValues(`The KeySchema exceeds the maximum allowed number of ${kind} key attributes`)
}

function unused(defined: readonly string[], used: readonly string[]): AwsError {
  return invalidValues(
    `Some AttributeDefinitions are not used. AttributeDefinitions: ${list(hashed(defined, defined.length))}, keys used: ${list(hashed(used, 16))}`,
  )
}

function list(names: readonly string[]): string {
  return `[${names.join(', ')}]`
}

/** Names as AWS shows them: in the iteration order of a Java `HashMap` with that initial capacity. */
function hashed(names: readonly string[], capacity: number): string[] {
  let slots = 1
  while (slots < capacity || names.length > slots * 0.75) slots *= 2
  const slotOf = (name: string) => {
    let hash = 0
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
    return (hash ^ (hash >>> 16)) & (slots - 1)
  }
  return [...names].sort((a, b) => slotOf(a) - slotOf(b))
}
