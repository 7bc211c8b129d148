/** The table that a statement names. */
import type { KnownTable } from '../../embedded/catalog.js'
import type { Wire } from '../dispatch.js'
import { validation } from '../protocol/aws-error.js'
import { tableOf } from '../protocol/table-name.js'

const NAME = /^(?:[a-zA-Z0-9_.-]{3,255}|arn:.*)$/

/** @throws AwsError for what is no name of a table, and for a table that there is not. */
export function namedTable(wire: Wire, name: string): KnownTable {
  if (NAME.test(name)) return tableOf(wire, name)
  throw validation(
    "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.",
  )
}
