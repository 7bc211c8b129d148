/** NextToken: where a SELECT continues. It is valid only for the same statement and parameters. */
import { createHash } from 'node:crypto'
import type { KeyCondition } from '../../expression/ast.js'
import { equalValues, type Key, type Value } from '../../value/value.js'
import { checkStart, type Source } from '../operations/item/source.js'
import { readItem, type TypedItem, writeItem, writeValue } from '../protocol/attribute-value.js'
import { type AwsError, validation } from '../protocol/aws-error.js'
import { readShape } from '../protocol/read-shape.js'
import { ATTRIBUTES, type Structure } from '../protocol/shape.js'
import type { ReadPlan } from './read-plan.js'

/** Where the previous page ended. */
export interface Position {
  /** Index of the plan's query to continue with; 0 in scans. */
  readonly query: number
  /** The key of the last item read by it; undefined if none was. */
  readonly after: Key | undefined
}

interface NextToken {
  readonly statement: string
  readonly query: number
  readonly after?: TypedItem
}

const SHAPE: Structure = {
  type: 'structure',
  members: {
    statement: { type: 'string', required: true },
    query: { type: 'integer', min: 0, required: true },
    after: ATTRIBUTES,
  },
}

/** A digest of statement, parameters and the table's id, by which a later table of the same name differs. */
export function digestOf(source: Source, statement: string, parameters: readonly Value[]): string {
  const text = JSON.stringify([source.table.id, statement, parameters.map(writeValue)])
  return createHash('sha256').update(text).digest('base64url')
}

/** The `NextToken` for a position. `digest` comes from {@link digestOf}. */
export function writeToken(digest: string, { query, after }: Position): string {
  const token: NextToken = { statement: digest, query, ...(after && { after: writeItem(after) }) }
  return Buffer.from(JSON.stringify(token)).toString('base64')
}

/** @throws AwsError for an invalid token, or a token of another statement. */
export function readToken(text: string, digest: string, source: Source, { queries }: ReadPlan): Position {
  const token = decode(text)
  if (token.statement !== digest) throw validation('NextToken does not match request')
  const after = startOf(token, source, !queries)
  const query = queries?.[token.query]
  const isHere = queries ? query !== undefined && isWithin(query, after) : token.query === 0 && after !== undefined
  if (!isHere) throw invalidToken()
  return { query: token.query, after }
}

/** The error gives no details, since only this server makes tokens. */
function decode(text: string): NextToken {
  try {
    const bytes = Buffer.from(text, 'base64')
    // Decoding skips characters that are not base 64, which tokens of this server never contain.
    if (bytes.toString('base64') === text) return readShape(SHAPE, JSON.parse(bytes.toString())) as unknown as NextToken
  } catch {
    throw invalidToken()
  }
  throw invalidToken()
}

function startOf({ after }: NextToken, source: Source, isScan: boolean): Key | undefined {
  if (!after) return undefined
  try {
    return checkStart(source, readItem(after), isScan)
  } catch {
    throw invalidToken()
  }
}

function isWithin({ partition, morePartition = [] }: KeyCondition, after: Key | undefined): boolean {
  return !after || [partition, ...morePartition].every(({ name, value }) => equalValues(after[name] as Value, value))
}

function invalidToken(): AwsError {
  return validation('Invalid NextToken')
}
