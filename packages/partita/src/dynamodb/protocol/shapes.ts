/**
 * Where the JSON of DynamoDB's operations has items: objects of typed attributes such as `{ "n": { "N": "1" } }`. Requests
 * and responses hold plain items in memory; they take the typed form only in the text that is sent.
 */

/** What a JSON value contains: an item, a list, an object with any names (tables), or an object with known members. */
export type BodyShape =
  | { readonly kind: 'item' }
  | { readonly kind: 'list'; readonly of: BodyShape }
  | { readonly kind: 'map'; readonly of: BodyShape }
  | { readonly kind: 'members'; readonly of: ReadonlyMap<string, BodyShape> }

const ITEM: BodyShape = { kind: 'item' }
const list = (of: BodyShape): BodyShape => ({ kind: 'list', of })
const map = (of: BodyShape): BodyShape => ({ kind: 'map', of })
const members = (of: Readonly<Record<string, BodyShape>>): BodyShape => ({
  kind: 'members',
  of: new Map(Object.entries(of)),
})

/** The members of all operations on one item, of queries and of scans. */
const KEYED = members({ Item: ITEM, Key: ITEM, ExclusiveStartKey: ITEM, ExpressionAttributeValues: ITEM })
const WRITES = map(list(members({ PutRequest: members({ Item: ITEM }), DeleteRequest: members({ Key: ITEM }) })))
const KEYS = map(members({ Keys: list(ITEM) }))
const FOUND = members({ Item: ITEM, Attributes: ITEM, Items: list(ITEM), LastEvaluatedKey: ITEM })

const INPUTS: Readonly<Record<string, BodyShape>> = {
  BatchGetItem: members({ RequestItems: KEYS }),
  BatchWriteItem: members({ RequestItems: WRITES }),
  TransactWriteItems: members({
    TransactItems: list(members({ Put: KEYED, Update: KEYED, Delete: KEYED, ConditionCheck: KEYED })),
  }),
  TransactGetItems: members({ TransactItems: list(members({ Get: KEYED })) }),
}

const OUTPUTS: Readonly<Record<string, BodyShape>> = {
  BatchGetItem: members({ Responses: map(list(ITEM)), UnprocessedKeys: KEYS }),
  BatchWriteItem: members({ UnprocessedItems: WRITES }),
  TransactGetItems: members({ Responses: list(members({ Item: ITEM })) }),
}

/** Returns where the input of an operation has items. */
export function inputShape(operation: string): BodyShape {
  return INPUTS[operation] ?? KEYED
}

/** Returns where the response of an operation has items. */
export function outputShape(operation: string): BodyShape {
  return OUTPUTS[operation] ?? FOUND
}

/** Where an exception has items: that of a failed condition, and those of a cancelled transaction. */
export const EXCEPTION_SHAPE = members({ Item: ITEM, CancellationReasons: list(members({ Item: ITEM })) })

/** Returns the shape of a member or element; undefined if it contains no item. */
export function shapeWithin(shape: BodyShape | undefined, name: string): BodyShape | undefined {
  if (shape === undefined || shape.kind === 'item') return undefined
  return shape.kind === 'members' ? shape.of.get(name) : shape.of
}
