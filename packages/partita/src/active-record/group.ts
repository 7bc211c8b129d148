/** Groups of classes: those of the models that are connected together. */
import { invalid } from '../errors/errors.js'
import type { Models } from '../model/define/definition.js'
import { ulids } from '../model/write/ids.js'
import { systemClock } from '../store/timers.js'
import type { AnyActiveRecordClass } from './class-types.js'
import { areSame, type Settings } from './config.js'
import { type Caller, GroupConnection, type ScopedDatabase } from './group-connection.js'

/** The classes of models that relate to each other, and the connection that they share. */
export class Group {
  readonly models: Models
  /** Makes the ids of new records. */
  readonly ulid = ulids(systemClock)
  readonly #classes = new Map<string, AnyActiveRecordClass>()
  #connection: GroupConnection | undefined
  #isTenantRequired = false

  constructor(models: Models) {
    this.models = models
  }

  /** Sets the class of a model. One that a program derives replaces the one that it is derived from. */
  setClass(name: string, made: AnyActiveRecordClass): void {
    this.#classes.set(name, made)
  }

  /** Makes every call need a tenant, whatever the configuration says. */
  requireTenant(): void {
    this.#isTenantRequired = true
  }

  /** Whether a model has a class. */
  has(name: string): boolean {
    return this.#classes.has(name)
  }

  /** The class of a model. */
  classOf(name: string): AnyActiveRecordClass {
    const made = this.#classes.get(name)
    if (!made) throw invalid([name], 'has no class yet; load the file of the class before you use it')
    return made
  }

  /** The classes, by the names of their models. */
  get classes(): Readonly<Record<string, AnyActiveRecordClass>> {
    return Object.fromEntries(this.#classes)
  }

  /**
   * Connects the classes, or returns the connection that they have.
   * @throws ValidationError if they are connected with other settings: calls of both programs would go to one of the tables.
   */
  connect(given: Settings): GroupConnection {
    const settings = { ...given, isTenantRequired: given.isTenantRequired || this.#isTenantRequired }
    if (this.#connection && areSame(this.#connection.settings, settings)) return this.#connection
    if (this.#connection) {
      throw invalid(
        [],
        'The models are already connected with other settings; close that connection first, and use ' +
          'TenantContext.runWithTenant for several tenants',
      )
    }
    this.#connection = new GroupConnection(this.models, settings)
    return this.#connection
  }

  /** Forgets a connection that is being closed. */
  disconnect(connection: GroupConnection): void {
    if (this.#connection === connection) this.#connection = undefined
  }

  /** Runs a call in the scope of the code that makes it. @throws ValidationError before `initModels`. */
  async run<T>(call: (scope: ScopedDatabase) => Promise<T>): Promise<T> {
    return this.caller()(call)
  }

  /** Returns a function that runs calls in the present scope, whatever code makes them. */
  caller(): Caller {
    if (!this.#connection) throw invalid([], 'The models are not connected; call initModels(config) first')
    return this.#connection.caller()
  }
}

// The files of the classes of a program are loaded before `initModels` is called, which does not name them.
const groups = new Map<Models, Group>()

/** The group of some models. */
export function groupOf(models: Models): Group {
  let group = groups.get(models)
  if (!group) groups.set(models, (group = new Group(models)))
  return group
}

/** The groups of all classes that were loaded. */
export function loadedGroups(): Group[] {
  return [...groups.values()]
}
