/** TransactWriteItems and TransactGetItems: all or nothing, in one snapshot. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { type Update, update as updateOf } from '../../../expression/ast.js'
import { updatedPaths } from '../../../expression/path/walk.js'
import { keyNames } from '../../../store/definition.js'
import type { WriteRequest } from '../../../store/store.js'
import type { Item, Key } from '../../../value/value.js'
import type { Operation, Wire } from '../../dispatch.js'
import type { ExpressionInput } from '../../expression-rules/index.js'
import { refuseMixture } from '../../legacy/index.js'
import { readItem, readSizedItem, type TypedItem, writeItem } from '../../protocol/attribute-value.js'
import { AwsError, validation } from '../../protocol/aws-error.js'
import { consumedByAll, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { inOlderWords } from '../../protocol/legacy-messages.js'
import { mapInSteps } from '../../protocol/long-response.js'
import { ATTRIBUTES, type Structure } from '../../protocol/shape.js'
import { TABLE_NAME, tableOf } from '../../protocol/table-name.js'
import { awsTransactionErrorOf, cancellation, emptiedIndexKey } from '../../protocol/translate-error.js'
import { collectionMetrics } from './collection-metrics.js'
import { readProjection } from './get.js'
import { checkSize } from './item-size.js'
import { checkItem, checkKey, identityOf } from './key.js'
import { EXPRESSION, KEY, NAMES, ON_CHECK_FAILURE, PLACEHOLDERS, RETURN_METRICS } from './members.js'
import { isRefused, Refused, reasonsOf, untilRefused } from './refused.js'
import { checkScalarKeys } from './scalar-keys.js'
import { checkKeyKept, readCondition } from './write.js'

const MOST = 100
const ONE_EACH = 'Transaction request cannot include multiple operations on one item'

interface OneWrite extends ExpressionInput {
  readonly TableName: string
  readonly Item?: TypedItem
  readonly Key?: TypedItem
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
}

type Kind = 'ConditionCheck' | 'Put' | 'Delete' | 'Update'

interface TransactWriteInput {
  readonly TransactItems: readonly { readonly [kind in Kind]?: OneWrite }[]
  readonly ClientRequestToken?: string
  readonly ReturnConsumedCapacity?: ReturnCapacity
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
}

const GUARD = {
  TableName: TABLE_NAME,
  ConditionExpression: EXPRESSION,
  ...PLACEHOLDERS,
  ReturnValuesOnConditionCheckFailure: ON_CHECK_FAILURE,
} as const

const WRITE: Structure = {
  type: 'structure',
  members: {
    ConditionCheck: {
      type: 'structure',
      members: { ...GUARD, Key: KEY, ConditionExpression: { ...EXPRESSION, required: true } },
    },
    Put: { type: 'structure', members: { ...GUARD, Item: { ...ATTRIBUTES, required: true } } },
    Delete: { type: 'structure', members: { ...GUARD, Key: KEY } },
    Update: {
      type: 'structure',
      members: { ...GUARD, Key: KEY, UpdateExpression: { ...EXPRESSION, required: true } },
    },
  },
}

/** `TransactWriteItems`: up to 100 writes and condition checks, all or nothing. */
export const transactWriteItems: Operation = {
  input: {
    type: 'structure',
    members: {
      TransactItems: { type: 'list', of: WRITE, min: 1, max: MOST, required: true },
      ClientRequestToken: { type: 'string', min: 1, max: 36 },
      ReturnConsumedCapacity: RETURN_CAPACITY,
      ReturnItemCollectionMetrics: RETURN_METRICS,
    },
  },
  async run(wire, input: TransactWriteInput) {
    const read = inOlderWords(() => input.TransactItems.map(readWrite))
    const tables = read.map(({ input: { TableName } }) => tableOf(wire, TableName))
    checkDistinct(read.map(({ item }, i) => [tables[i] as KnownTable, item] as const))
    const each = untilRefused(read, (write, i) => requestOf(tables[i] as KnownTable, write))
    if (each.some(isRefused)) throw cancellation(await reasonsOf(wire, each))
    const writes = each as WriteRequest[]
    const { ClientRequestToken: token } = input
    const { capacity } = await wire.store
      .transactWrite({ writes, ...(token !== undefined && { token }) })
      .catch((error: unknown) => {
        throw awsTransactionErrorOf(error, i => writes[i]?.kind === 'update')
      })
    const names = tables.map(({ definition }) => definition.name)
    const used = consumedByAll(wire, names, capacity, input.ReturnConsumedCapacity, true)
    const metrics = input.ReturnItemCollectionMetrics === 'SIZE' ? metricsOf(wire, writes) : {}
    return {
      ...(Object.keys(metrics).length > 0 && { ItemCollectionMetrics: metrics }),
      ...(used && { ConsumedCapacity: used }),
    }
  },
}

interface ReadWrite {
  readonly kind: Kind
  readonly input: OneWrite
  readonly item: Item
  readonly expressions: ReturnType<typeof readCondition>
}

/** Checks one operation as far as that does not depend on its table. @throws AwsError */
function readWrite(operation: TransactWriteInput['TransactItems'][number]): ReadWrite {
  const kinds = Object.keys(operation) as Kind[]
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete')
  }
  const input = operation[kind] as OneWrite
  const isUpdate = kind === 'Update'
  // An item is read before its expressions, a key after them.
  const sized = kind === 'Put' ? readSizedItem(input.Item as TypedItem) : undefined
  refuseMixture(input, isUpdate ? ['UpdateExpression', 'ConditionExpression'] : ['ConditionExpression'], [])
  const expressions = readCondition(input)
  if (sized) checkSize(sized)
  return { kind, input, item: sized?.item ?? readItem(input.Key as TypedItem), expressions }
}

/** @throws AwsError */
function requestOf(table: KnownTable, { kind, input, item, expressions }: ReadWrite): WriteRequest | Refused {
  const { name } = table.definition
  const { condition, update = updateOf({}) } = expressions
  if (kind !== 'ConditionCheck') checkScalarKeys(table.definition, condition)
  const more = {
    ...(condition && { condition }),
    ...(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && { returnOldOnFailure: true }),
  }
  if (kind === 'Put') {
    checkItem(table, item)
    return { kind: 'put', table: name, item, ...more }
  }
  const key = checkKey(table, item)
  if (kind === 'Delete') return { kind: 'delete', table: name, key, ...more }
  if (kind === 'ConditionCheck') return { kind: 'check', table: name, key, ...more } as WriteRequest
  checkKeyKept(table, update)
  checkIndexKeysNotEmptied(table, update)
  const request: WriteRequest = { kind: 'update', table: name, key, update, ...more }
  try {
    checkScalarKeys(table.definition, update.set, updatedPaths(update))
  } catch (error) {
    if (error instanceof AwsError) return new Refused(error, request)
    throw error
  }
  return request
}

/** Like AWS, detects an empty index key from the update alone. @throws AwsError */
function checkIndexKeysNotEmptied({ definition }: KnownTable, { set }: Update): void {
  const indexes = [definition.globalIndexes, definition.localIndexes].flatMap(it => Object.values(it ?? {}))
  const names = new Set(indexes.flatMap(keyNames))
  for (const { path, value } of set) {
    if (path.length > 1 || value.kind !== 'value' || !names.has(path[0])) continue
    if (value.value === '' || (value.value instanceof Uint8Array && value.value.length === 0)) {
      throw emptiedIndexKey(value.value)
    }
  }
}

/** @throws AwsError for two operations on one item. Incomplete keys are reported elsewhere. */
function checkDistinct(items: readonly (readonly [KnownTable, Item])[]): void {
  const whole = items.filter(([{ definition }, item]) =>
    keyNames(definition.key).every(name => Object.hasOwn(item, name)),
  )
  const identities = whole.map(([table, item]) => identityOf(table, item))
  if (new Set(identities).size < identities.length) throw validation(ONE_EACH)
}

function metricsOf(wire: Wire, writes: readonly WriteRequest[]): { [table: string]: object[] } {
  const metrics = new Map<string, object[]>()
  for (const write of writes) {
    if (write.kind === 'check') continue
    const reported = collectionMetrics(tableOf(wire, write.table), write)
    if (reported) metrics.set(write.table, [...(metrics.get(write.table) ?? []), reported])
  }
  return Object.fromEntries(metrics)
}

interface TransactGetInput {
  readonly TransactItems: readonly {
    readonly Get: Pick<ExpressionInput, 'ProjectionExpression' | 'ExpressionAttributeNames'> & {
      readonly TableName: string
      readonly Key: TypedItem
    }
  }[]
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

const GET: Structure = {
  type: 'structure',
  members: {
    Get: {
      type: 'structure',
      required: true,
      members: { TableName: TABLE_NAME, Key: KEY, ProjectionExpression: EXPRESSION, ExpressionAttributeNames: NAMES },
    },
  },
}

/** `TransactGetItems`: reads up to 100 items from one snapshot. */
export const transactGetItems: Operation = {
  input: {
    type: 'structure',
    members: {
      TransactItems: { type: 'list', of: GET, min: 1, max: MOST, required: true },
      ReturnConsumedCapacity: RETURN_CAPACITY,
    },
  },
  async run(wire, input: TransactGetInput) {
    const read = inOlderWords(() =>
      input.TransactItems.map(({ Get }) => ({ get: Get, key: readItem(Get.Key), projection: readProjection(Get) })),
    )
    const tables = read.map(({ get }) => tableOf(wire, get.TableName))
    read.forEach(({ projection }, i) => {
      checkScalarKeys((tables[i] as KnownTable).definition, projection)
    })
    checkDistinct(read.map(({ key }, i) => [tables[i] as KnownTable, key] as const))
    const keys = untilRefused(read, ({ key }, i): Key => checkKey(tables[i] as KnownTable, key)) as Key[]
    const { items, capacity } = await wire.store.transactGet({
      gets: read.map(({ projection }, i) => ({
        table: (tables[i] as KnownTable).definition.name,
        key: keys[i] as Key,
        ...(projection && { projection }),
      })),
    })
    const names = tables.map(({ definition }) => definition.name)
    const used = consumedByAll(wire, names, capacity, input.ReturnConsumedCapacity, true)
    return {
      ...(used && { ConsumedCapacity: used }),
      Responses: await mapInSteps(items, item => (item ? { Item: writeItem(item) } : {})),
    }
  },
}
