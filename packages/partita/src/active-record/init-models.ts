/** Connects the classes of a program. */
import { invalid, valueText } from '../errors/errors.js'
import type { Models, ModelsOf } from '../model/define/definition.js'
import type { Database } from '../model/types/database.js'
import { modelOf } from './class-model.js'
import type { AnyActiveRecordClass } from './class-types.js'
import { type ActiveRecordConfig, settingsOf } from './config.js'
import { type Group, loadedGroups } from './group.js'
import type { GroupConnection } from './group-connection.js'

/** The connected classes of a program. */
export class ModelManager {
  readonly #groups: readonly Group[]
  readonly #connections: readonly GroupConnection[]

  /** @internal */
  constructor(groups: readonly Group[], connections: readonly GroupConnection[]) {
    this.#groups = groups
    this.#connections = connections
  }

  /** Resolves when the store is open. Calls wait for it themselves; it rejects, as they do, if the store does not open. */
  get ready(): Promise<void> {
    return Promise.all(this.#connections.map(({ ready }) => ready)).then(() => {})
  }

  /** Name of the table. */
  get tableName(): string {
    return (this.#connections[0] as GroupConnection).settings.table
  }

  /** The classes, by the names of their models. */
  get models(): Readonly<Record<string, AnyActiveRecordClass>> {
    return Object.assign({}, ...this.#groups.map(({ classes }) => classes))
  }

  /** The classes. */
  getModels(): AnyActiveRecordClass[] {
    return Object.values(this.models)
  }

  /** The class of a model. @throws ValidationError if it has none. */
  getModel(name: string): AnyActiveRecordClass {
    const { models } = this
    const made = Object.hasOwn(models, name) ? models[name] : undefined
    if (!made) throw invalid([name], `is not a model here; there are ${Object.keys(models).join(', ')}`)
    return made
  }

  /**
   * The database behind the classes, for what they have no methods for: transactions, batches of writes, `reindex`. Its type is
   * that of the models, such as `manager.database<typeof models>()`.
   */
  async database<All extends ModelsOf<All> = Models>(): Promise<Database<All>> {
    return (await (this.#connections[0] as GroupConnection).database()) as unknown as Database<All>
  }

  /** Creates the table with the indexes that the models use, or adds the missing ones. */
  async createTable(): Promise<void> {
    for (const connection of this.#connections) await (await connection.database()).createTable()
  }

  /** Closes the connection. The classes can then be connected again. */
  async close(): Promise<void> {
    this.#groups.forEach((group, i) => {
      group.disconnect(this.#connections[i] as GroupConnection)
    })
    await Promise.all(this.#connections.map(connection => connection.close()))
  }
}

/**
 * Connects the classes of a program to their table. Mistakes in the models are thrown at once; the store is opened in the
 * background, and every call waits for it. Call it once, after the classes are loaded. With the same configuration it can be
 * called again.
 *
 * @param config the store and the table, in the words of `connect` or in those of DynamoBao's `config.js`.
 * @throws ValidationError if the models do not fit together, or are connected with another configuration.
 */
export function initModels(config: ActiveRecordConfig = {}): ModelManager {
  // Browsers and edge runtimes may have no `process`.
  const settings = settingsOf(config, globalThis.process?.env ?? {})
  const groups = typeof config.models === 'object' ? groupsOf(config.models) : loadedGroups()
  if (groups.length === 0) {
    throw invalid(
      ['models'],
      'are missing; load the files of the classes before initModels, or pass { models: { User } }',
    )
  }
  const connections = groups.map(group => group.connect(settings))
  return new ModelManager(groups, connections)
}

function groupsOf(models: Readonly<Record<string, AnyActiveRecordClass>>): Group[] {
  const groups = new Set<Group>()
  for (const [name, made] of Object.entries(models)) {
    if (typeof made !== 'function') throw invalid(['models', name], `is ${valueText(made)}, not a class`)
    groups.add(modelOf(made).group)
  }
  return [...groups]
}
