/** The parts of the corpus: requests in families, each with its own tables. */

/** One request of the protocol. */
export interface CorpusRequest {
  /** A short description. */
  readonly name: string
  readonly operation: string
  /** The input, or the body itself if it is not the JSON of an object. */
  readonly input: object | string
}

/** Requests that run one after another on tables that no other family uses. */
export interface Family {
  readonly name: string
  /** `CreateTable` inputs. */
  readonly tables: readonly TableInput[]
  /** Items that exist at the start, and that are restored after a write on which the servers disagree. */
  readonly items?: { readonly [table: string]: readonly Attributes[] }
  readonly requests: readonly CorpusRequest[]
}

export interface TableInput {
  readonly TableName: string
  readonly [member: string]: unknown
}

/** An attribute value as the protocol writes it. */
export type Attribute = { readonly [type: string]: unknown }
export type Attributes = { readonly [name: string]: Attribute }

/** Requests as rows: a name, an operation, an input. */
export type Row = readonly [name: string, operation: string, input: object | string]

export function rows(table: readonly Row[]): CorpusRequest[] {
  return table.map(([name, operation, input]) => ({ name, operation, input }))
}

/** Rows for one operation: a name and an input. */
export function rowsOf(operation: string, table: readonly (readonly [string, object | string])[]): CorpusRequest[] {
  return table.map(([name, input]) => ({ name, operation, input }))
}

export const s = (text: string): Attribute => ({ S: text })
export const n = (text: string | number): Attribute => ({ N: String(text) })
/** Bytes in base64. */
export const b = (text: string): Attribute => ({ B: text })

const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' })
const attribute = (AttributeName: string, AttributeType: string) => ({ AttributeName, AttributeType })

/** A table with the string key `id`. */
export function hashTable(TableName: string): TableInput {
  return {
    TableName,
    AttributeDefinitions: [attribute('id', 'S')],
    KeySchema: [hash('id')],
    BillingMode: 'PAY_PER_REQUEST',
  }
}

/** A table with a number and a binary as its key. */
export function numberTable(TableName: string): TableInput {
  return {
    TableName,
    AttributeDefinitions: [attribute('num', 'N'), attribute('bin', 'B')],
    KeySchema: [hash('num'), range('bin')],
    BillingMode: 'PAY_PER_REQUEST',
  }
}

/** A table with two strings as its key and indexes of every kind. */
export function indexedTable(TableName: string): TableInput {
  return {
    TableName,
    AttributeDefinitions: [
      attribute('pk', 'S'),
      attribute('sk', 'S'),
      attribute('group', 'S'),
      attribute('rank', 'N'),
      attribute('kind', 'B'),
    ],
    KeySchema: [hash('pk'), range('sk')],
    LocalSecondaryIndexes: [
      { IndexName: 'byRank', KeySchema: [hash('pk'), range('rank')], Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'rankKeys', KeySchema: [hash('pk'), range('rank')], Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: 'byGroup', KeySchema: [hash('group'), range('rank')], Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'groupKeys', KeySchema: [hash('group')], Projection: { ProjectionType: 'KEYS_ONLY' } },
      {
        IndexName: 'byKind',
        KeySchema: [hash('kind'), range('sk')],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['text'] },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  }
}
