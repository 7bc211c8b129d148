/** The table that a command is about: as the models need it, or as the flags describe it. */
import { type Command, InvalidArgumentError } from 'commander'
import { ValidationError } from 'partita'
import {
  checkDefinition,
  type IndexDefinition,
  type KeyAttribute,
  type KeySchema,
  type TableDefinition,
} from 'partita/store'
import { readSettings } from '../config/settings.js'
import { Usage } from '../failure.js'
import { tableOfModels } from '../models/table-of-models.js'
import { loadNamedModels } from '../session/model-session.js'
import type { ModelOptions } from '../session/options.js'
import { DEFAULT_TABLE } from '../session/store-session.js'

/** Values of the options that {@link addDefinitionOptions} adds. */
export interface DefinitionOptions extends ModelOptions {
  readonly key?: KeySchema
  readonly index?: Readonly<Record<string, KeySchema>>
  readonly ttl?: string
}

const ATTRIBUTE = /^([^:,=\s]{1,255}):([SNB])$/

/** Adds the options that describe a table without models. */
export function addDefinitionOptions(command: Command): Command {
  return command
    .option('--key <attributes>', 'key of a table without models, such as pk:S,sk:S (types S, N, B)', keySchema)
    .option('--index <name=attributes>', 'global index of it, such as gsi1=gsi1pk:S,gsi1sk:S; repeatable', addIndex)
    .option('--ttl <attribute>', 'attribute of it that holds the time to live, in epoch seconds')
}

/**
 * The table that the flags describe, or else the models need.
 * @throws Usage if neither says what it is; ValidationError if the models cannot share a table.
 */
export async function wantedTable(options: DefinitionOptions): Promise<TableDefinition> {
  const { key, index, ttl } = options
  const settings = await readSettings(options)
  const name = settings.table ?? DEFAULT_TABLE
  if (key === undefined) {
    if (index ?? ttl) throw new Usage('--index and --ttl describe a table without models; give its --key too')
    if (settings.models === undefined) {
      throw new Usage(
        'nothing describes the table: name models with --models, or give its key, such as --key pk:S,sk:S',
      )
    }
    return tableOfModels(await loadNamedModels(settings), settings.layout, name)
  }
  if (options.models !== undefined) throw new Usage('--key is for a table without models; omit it or --models')
  return checked({ name, key, ...(index && { globalIndexes: index }), ...(ttl !== undefined && { timeToLive: ttl }) })
}

/** @throws Usage for a name that DynamoDB does not allow, or an attribute with two types. */
function checked(definition: TableDefinition): TableDefinition {
  try {
    checkDefinition(definition)
    return definition
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(error.message) : error
  }
}

/** Parses `pk:S,sk:N`. @throws InvalidArgumentError */
function keySchema(text: string): KeySchema {
  const attributes = text.split(',').map((part): KeyAttribute => {
    const [, name, type] = ATTRIBUTE.exec(part) ?? []
    if (name === undefined) {
      throw new InvalidArgumentError('Give one or two attributes with their types, such as pk:S,sk:N.')
    }
    return { name, type: type as KeyAttribute['type'] }
  })
  const [partition, sort, ...more] = attributes as [KeyAttribute, KeyAttribute | undefined]
  if (more.length > 0) throw new InvalidArgumentError('A key has one or two attributes.')
  return { partition, ...(sort && { sort }) }
}

function addIndex(text: string, before: Readonly<Record<string, IndexDefinition>> = {}) {
  const equals = text.indexOf('=')
  const name = text.slice(0, Math.max(0, equals))
  if (!/^[\w.-]{3,255}$/.test(name)) {
    throw new InvalidArgumentError('Give a name of at least 3 letters, = and the key, such as gsi1=gsi1pk:S,gsi1sk:S.')
  }
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`The index ${name} is given twice.`)
  return { ...before, [name]: keySchema(text.slice(equals + 1)) }
}
