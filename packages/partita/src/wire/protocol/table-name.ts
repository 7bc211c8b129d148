/** Resolves the name or ARN of a table in a request, and builds ARNs for answers. */
import type { KnownTable } from '../../embedded/catalog.js'
import type { Wire } from '../dispatch.js'
import { AwsError, validation } from './aws-error.js'
import type { Member } from './shape.js'

const PARTITION = 'aws'
const ACCOUNT = '000000000000'

/** `TableName` of the operations for items. An ARN is held to its own form by {@link tableName}. */
export const TABLE_NAME = {
  type: 'string',
  min: 1,
  max: 255,
  pattern: /^[a-zA-Z0-9_.-]+$/,
  unless: /^arn:/,
  required: true,
} as const satisfies Member

const ARN = /^arn:([^:]*):dynamodb:([^:]*):[^:]*:table\/([a-zA-Z0-9_.-]{3,255})$/

/**
 * The name of a request's table. The account in an ARN is ignored, since the server has only one.
 * @throws AwsError for an ARN that is not of a table, or of another region
 */
export function tableName({ region }: Wire, nameOrArn: string): string {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn
  const parts = ARN.exec(nameOrArn)
  if (!parts) {
    throw validation(
      "1 validation error detected: Valid ARN format is 'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', where Resource name must have length less than or equal to 255, Resource name must have length greater than or equal to 3, Resource name must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    )
  }
  if (parts[1] !== PARTITION) throw validation(`1 validation error detected: Invalid AWS partition in '${nameOrArn}'`)
  if (parts[2] !== region) throw validation(`1 validation error detected: Invalid AWS region in '${nameOrArn}'`)
  return parts[3] as string
}

/** The table of a request, for operations on items. Its name is `definition.name`. @throws AwsError */
export function tableOf(wire: Wire, nameOrArn: string): KnownTable {
  const table = wire.store.table(tableName(wire, nameOrArn))
  if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
  return table
}

/** The same for operations on tables, whose error names the table. @throws AwsError */
export function describedTable(wire: Wire, nameOrArn: string): KnownTable {
  const name = tableName(wire, nameOrArn)
  const table = wire.store.table(name)
  if (!table) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
  return table
}

/** The ARN of a table in the server's region. */
export function tableArn({ region }: Wire, name: string): string {
  return `arn:${PARTITION}:dynamodb:${region}:${ACCOUNT}:table/${name}`
}
