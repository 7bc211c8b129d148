/** The models of a connection, as queries see them. */
import type { Connection, Model, Schema } from 'mongoose'
import { type CompiledQuery, noModel, type QueryModels, type ValuePath } from '../../crql/compile.js'
import { areComparable, kindOf, type Leaf, resolveIn } from './paths.js'
import { goodiesOptions } from './plugged.js'

/** A model of Mongoose, whatever its documents. */
export type MongooseModel = Model<unknown>

/** A path by which documents are found. */
export interface DocumentMatch {
  readonly model: MongooseModel
  readonly path: ValuePath<Leaf>
}

/** A query over documents. */
export type DocumentQuery = CompiledQuery<Leaf, DocumentMatch>

/** The models that queries of a connection can name. */
export function modelsOf(connection: Connection): QueryModels<MongooseModel, Leaf, DocumentMatch> {
  return {
    model: name => modelNamed(connection, name),
    nameOf: ({ modelName }) => modelName,
    path: (model, path) => resolveIn(allSchemas(model), path, model.modelName),
    match: (model, path) => {
      const problem = matchProblem(model, path)
      return problem ?? { model, path }
    },
    kindOf,
    areComparable,
  }
}

/** The schema of a model, and those of its discriminators, whose documents it also finds and writes. */
export function allSchemas({ schema }: MongooseModel): Schema[] {
  return [schema, ...Object.values(schema.discriminators ?? {})]
}

/**
 * The model of a name: of the connection itself, or else of a connection to another database that shares its client. A text
 * says what is wrong.
 */
function modelNamed(connection: Connection, name: string): MongooseModel | string {
  const connections = sharingClient(connection)
  const own = modelOf(connection, name)
  if (own) return own
  const found = connections.flatMap(each => modelOf(each, name) ?? [])
  const [only, another] = found
  if (another) {
    const databases = found.map(({ db }) => db.name).join(' and ')
    return `${name} is a model of the databases ${databases}; query from a connection that has it itself`
  }
  return only ?? noModel(name, new Set(connections.flatMap(({ models }) => Object.keys(models))))
}

function modelOf({ models }: Connection, name: string): MongooseModel | undefined {
  return Object.hasOwn(models, name) ? (models[name] as MongooseModel) : undefined
}

/** The connections that `useDb` made of one connection, which transactions span. */
function sharingClient(connection: Connection): Connection[] {
  const found = new Set([connection])
  for (const each of found) {
    // Mongoose links each connection with those made of it, and with the one that it was made of.
    for (const other of (each as unknown as { readonly otherDbs?: readonly Connection[] }).otherDbs ?? [])
      found.add(other)
  }
  return [...found]
}

function matchProblem(model: MongooseModel, { name, steps }: ValuePath<Leaf>): string | undefined {
  const indexed = steps.filter(step => typeof step === 'string').join('.')
  if (indexed === '_id' || goodiesOptions(model.schema)?.allowScan) return undefined
  const indexes = allSchemas(model).flatMap(schema => schema.indexes())
  if (indexes.some(([fields]) => isOrdered(fields, indexed))) return undefined
  return (
    `no index finds documents of ${model.modelName} by ${name}; add one that begins with this path, or allow scans with ` +
    `the option allowScan of its plugin`
  )
}

/** Whether an index begins with a path, and by its order: not by words or by position on the earth. */
function isOrdered(fields: Readonly<Record<string, unknown>>, path: string): boolean {
  const [first] = Object.entries(fields)
  return first?.[0] === path && (first[1] === 1 || first[1] === -1 || first[1] === 'hashed')
}
