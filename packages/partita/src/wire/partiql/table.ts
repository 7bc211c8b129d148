/** Finds the table of a statement. */
import type { KnownTable } from '../../embedded/catalog.js'
import type { Wire } from '../dispatch.js'
import { validation } from '../protocol/aws-error.js'
import { tableOf } from '../protocol/table-name.js'

const NAME = /^(?:[a-zA-Z0-9_.-]{3,255}|arn:.*)$/

/** @throws AwsError for an invalid table name, or a table that does not exist. */
export function namedTable(wire: Wire, name: string): KnownTable {
  if (NAME.test(name)) return tableOf(wire, name)
  throw validation(
    "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.",
  )
}
