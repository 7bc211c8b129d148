/** Which constraints a save can violate: those whose paths it changes. */
import type { Schema } from 'mongoose'
import { type CompiledReference, referencesOf } from '../schema/compile.js'
import { deletedPath } from '../schema/deleted.js'
import type { MongooseModel } from '../schema/models.js'
import { schemasOf } from '../schema/paths.js'
import { rulesOf, type UniqueOption } from '../schema/rules.js'
import type { DocumentPart, MongooseDocument } from './document.js'
import { lockedFields } from './locks.js'
import type { AffectedReference } from './references.js'
import type { ConstraintKind } from './violation.js'

/** The paths that a constraint reads, all of which must be loaded. */
export interface NeededPaths {
  readonly kind: ConstraintKind
  /** Where the constraint is. */
  readonly at: string
  readonly paths: readonly string[]
}

/** The constraints of one save. */
export interface Affected {
  readonly references: readonly AffectedReference[]
  readonly unique: readonly { readonly option: UniqueOption; readonly part: DocumentPart }[]
  /** The first names of locked paths that the save changes. */
  readonly locked: readonly string[]
  /** The first names of all paths that decide on the result. */
  readonly fields: ReadonlySet<string>
  readonly needed: readonly NeededPaths[]
}

/** The constraints that a save of a document must check. */
export function affectedBy(document: MongooseDocument, parts: readonly DocumentPart[]): Affected {
  const model = document.constructor as MongooseModel
  const isChanged = memoized((field: string) => changes(document, model.schema, field))
  const references = new Map<CompiledReference, DocumentPart[]>()
  const unique: { option: UniqueOption; part: DocumentPart }[] = []
  const fields = new Set<string>()
  const needed: NeededPaths[] = []
  const compiled = referencesOf(model)
  for (const part of parts) {
    for (const reference of compiled.get(part.schema) ?? []) {
      const read = fieldsOf(reference, part)
      if (!reference.always && !read.some(isChanged)) continue
      references.set(reference, [...(references.get(reference) ?? []), part])
      for (const field of read) fields.add(field)
      needed.push(neededBy(reference, part))
    }
    for (const option of rulesOf(part.schema).unique) {
      const [field] = nameOf(part, option.path).split('.') as [string]
      if (!isChanged(field)) continue
      unique.push({ option, part })
      fields.add(field)
      needed.push(keyPaths(option, part, model.schema))
    }
  }
  const locked = document.isNew ? [] : [...lockedFields(model.schema)].filter(isChanged)
  for (const field of locked) fields.add(field)
  const affected = [...references].map(([reference, all]) => ({ reference, parts: all }))
  return { references: affected, unique, locked, fields, needed }
}

function changes(document: MongooseDocument, schema: Schema, field: string): boolean {
  if (document.isNew || document.isModified(field)) return true
  // A default that the stored document lacks is stored by the next save.
  const paths = Object.keys(schema.paths).filter(path => path === field || path.startsWith(`${field}.`))
  return paths.some(path => document.$isDefault(path))
}

function fieldsOf({ reads }: CompiledReference, part: DocumentPart): string[] {
  const [top] = part.at
  return [...reads.document, ...(top === undefined ? reads.part : [String(top)])]
}

function neededBy({ kind, path, compiled }: CompiledReference, part: DocumentPart): NeededPaths {
  const target = compiled.kind === 'chain' ? compiled.hops[0]?.target : undefined
  const names = target?.steps.filter(step => typeof step === 'string').join('.')
  const at = nameOf(part, path)
  if (!target || !names) return { kind, at, paths: [at] }
  return { kind, at, paths: [at, target.isRoot ? names : nameOf(part, names)] }
}

function keyPaths({ path, type, keys }: UniqueOption, part: DocumentPart, root: Schema): NeededPaths {
  const [schema] = schemasOf(type)
  const deleted = schema && deletedPath(schema, root)
  const names = [...new Set([...keys.flat(), ...(deleted === undefined ? [] : [deleted])])]
  const paths = names.map(name => nameOf(part, `${path}.${name}`))
  return { kind: 'goodiesUniqueArraySubDocument', at: nameOf(part, path), paths }
}

/** A path as projections name it: without the positions in lists. */
function nameOf(part: DocumentPart, path: string): string {
  return [...part.at.filter(step => typeof step === 'string'), path].join('.')
}

function memoized(run: (field: string) => boolean): (field: string) => boolean {
  const known = new Map<string, boolean>()
  return field => {
    const before = known.get(field)
    if (before !== undefined) return before
    const result = run(field)
    known.set(field, result)
    return result
  }
}
