/** NextToken: where a SELECT goes on. It holds for the statement and the parameters that it was given for. */
import { createHash } from 'node:crypto'
import type { KeyCondition } from '../../expression/ast.js'
import { equalValues, type Key, type Value } from '../../value/value.js'
import { checkStart, type Source } from '../operations/item/source.js'
import { readItem, type TypedItem, writeItem, writeValue } from '../protocol/attribute-value.js'
import { type AwsError, validation } from '../protocol/aws-error.js'
import { readShape } from '../protocol/read-shape.js'
import { ATTRIBUTES, type Structure } from '../protocol/shape.js'
import type { ReadPlan } from './read-plan.js'

/** What the page before ended at. */
export interface Position {
  /** Which of the plan's queries comes next; 0 in scans. */
  readonly query: number
  /** The last item read of it; undefined where none was read yet. */
  readonly after: Key | undefined
}

interface Token {
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

/** A digest of what a token is for. The table is told by its number, which no later table of its name has. */
export function digestOf(source: Source, statement: string, parameters: readonly Value[]): string {
  const text = JSON.stringify([source.table.id, statement, parameters.map(writeValue)])
  return createHash('sha256').update(text).digest('base64url')
}

/** The `NextToken` for a position. `digest` comes from {@link digestOf}. */
export function writeToken(digest: string, { query, after }: Position): string {
  const token: Token = { statement: digest, query, ...(after && { after: writeItem(after) }) }
  return Buffer.from(JSON.stringify(token)).toString('base64')
}

/** @throws AwsError for what is no token, or one of another statement. */
export function readToken(text: string, digest: string, source: Source, { queries }: ReadPlan): Position {
  const token = decode(text)
  if (token.statement !== digest) throw validation('NextToken does not match request')
  const after = startOf(token, source, !queries)
  const query = queries?.[token.query]
  const isHere = queries ? query !== undefined && isWithin(query, after) : token.query === 0 && after !== undefined
  if (!isHere) throw invalidToken()
  return { query: token.query, after }
}

/** What is wrong with a token is not told: nobody but this server makes them. */
function decode(text: string): Token {
  try {
    const bytes = Buffer.from(text, 'base64')
    // Decoding passes over what is no base 64, which no token of this server holds.
    if (bytes.toString('base64') === text) return readShape(SHAPE, JSON.parse(bytes.toString())) as unknown as Token
  } catch {
    throw invalidToken()
  }
  throw invalidToken()
}

function startOf({ after }: Token, source: Source, isScan: boolean): Key | undefined {
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
