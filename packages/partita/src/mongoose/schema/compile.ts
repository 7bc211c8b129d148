/** The constraints of models, with their queries compiled. */
import type { Schema } from 'mongoose'
import { type ContextModel, compileQuery } from '../../crql/compile.js'
import { type Issue, ValidationError } from '../../errors/errors.js'
import { type DocumentQuery, type MongooseModel, modelsOf } from './models.js'
import { areComparable, elementType, kindOf, type Leaf, resolveIn } from './paths.js'
import { isConstrained, type ReferenceOption, rulesOf, schemasBelow } from './rules.js'

/** A reference or limit with its query. */
export interface CompiledReference extends ReferenceOption {
  readonly leaf: Leaf
  readonly compiled: DocumentQuery
  /** The first names of the paths that the first hop or the constraint reads, from the document and from the part. */
  readonly reads: { readonly document: readonly string[]; readonly part: readonly string[] }
}

/** The references and limits of a model, by the schema of the part that has them. */
export type ModelReferences = ReadonlyMap<Schema, readonly CompiledReference[]>

const compiledModels = new WeakMap<MongooseModel, ModelReferences>()

/**
 * The references and limits of a model. They are compiled once: the first save needs every model that they name.
 * @throws ValidationError listing every mistake.
 */
export function referencesOf(model: MongooseModel): ModelReferences {
  const before = compiledModels.get(model)
  if (before) return before
  const issues: Issue[] = []
  if (model.schema.get('versionKey') === false && isConstrained(model.schema)) {
    const message =
      'is false, but saves of constrained documents need a version, so that no two are checked against one state'
    issues.push({ path: [model.modelName, 'versionKey'], message })
  }
  const compiled = new Map<Schema, CompiledReference[]>()
  for (const schema of schemasBelow(model.schema)) {
    const own = rulesOf(schema).references.flatMap(option => {
      try {
        return [compile(model, option)]
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        const path = [model.modelName, ...option.path.split('.'), option.kind]
        for (const { message } of error.details.issues) issues.push({ path, message })
        return []
      }
    })
    compiled.set(schema, own)
  }
  if (issues.length > 0) throw new ValidationError(issues)
  compiledModels.set(model, compiled)
  return compiled
}

function compile(model: MongooseModel, option: ReferenceOption): CompiledReference {
  const { schema, path, type, query, kind, guard } = option
  if (guard && kind === 'goodiesLimitByReference')
    throw mistake('guard is an option of references; a limit finds nothing to guard')
  const isWhole = schema === model.schema
  const context: ContextModel<Leaf> = {
    resolve: ({ isRoot, path: names }) => {
      const target = isRoot
        ? resolveIn([model.schema], names, model.modelName)
        : resolveIn([schema], names, isWhole ? model.modelName : `the part that has ${path}`)
      return typeof target === 'string' ? target : { ...target, isRoot }
    },
  }
  const compiled = compileQuery(modelsOf(model.db), query, context)
  const leaf = leafOf(option)
  const ends = compiled.kind === 'direct' ? compiled.matches.map(each => each.path) : compiled.paths
  if (!ends.some(end => areComparable(end.leaf, leaf))) {
    const found = ends.map(({ name, leaf: end }) => `${name}, a ${kindOf(end)}`).join('; ')
    throw mistake(`is of ${kindOf(type)}, but the query finds ${found}`)
  }
  const target = compiled.kind === 'chain' ? compiled.hops[0]?.target : undefined
  // A direct query can find the document itself, by the values that the save gives it.
  const own = compiled.kind === 'direct' ? compiled.matches.filter(match => match.model === model) : []
  return {
    ...option,
    leaf,
    compiled,
    reads: {
      document: [...(target?.isRoot ? [target.field] : []), ...own.map(match => match.path.field)],
      part: [path.split('.')[0] as string, ...(target && !target.isRoot ? [target.field] : [])],
    },
  }
}

/** The description of one constrained value, through lists and maps. */
function leafOf({ type }: ReferenceOption): Leaf {
  let at = type
  for (let element = elementType(at); element; element = elementType(at)) at = element
  return at.instance === 'Mixed' ? undefined : at
}

function mistake(message: string): ValidationError {
  return new ValidationError([{ path: [], message }])
}
