/** Whether what constraints read was loaded: a document can be loaded in part. */
import type { MongooseModel } from '../schema/models.js'
import type { NeededPaths } from './affected.js'
import type { MongooseDocument } from './document.js'
import type { DocumentViolation } from './violation.js'

/** The constraints that cannot be checked, because the document was loaded without what they read. */
export function notLoaded(document: MongooseDocument, needed: readonly NeededPaths[]): DocumentViolation[] {
  if (document.isNew) return []
  const version = versionKeyOf(document)
  return needed.flatMap(({ kind, at, paths }) => {
    const missing = [...paths, version].filter(path => !isWhole(document, path))
    if (missing.length === 0) return []
    const message = `cannot be checked, because the document was loaded without ${missing.join(', ')} or with a part of it`
    return [{ kind, path: at.split('.'), message }]
  })
}

/** The path of the version that Mongoose counts. A constrained schema has one. */
export function versionKeyOf(document: MongooseDocument): string {
  return String((document.constructor as MongooseModel).schema.get('versionKey'))
}

function isWhole(document: MongooseDocument, path: string): boolean {
  if (!document.isSelected(path)) return false
  const [field] = path.split('.')
  // A list that was loaded by `$slice` or `$elemMatch` lacks elements, which Mongoose does not say.
  const selected = (document as unknown as { readonly $__?: { readonly selected?: Readonly<Record<string, unknown>> } })
    .$__?.selected
  return !Object.entries(selected ?? {}).some(
    ([name, choice]) =>
      (name === field && typeof choice === 'object') || name === `${field}.$` || name.startsWith(`${field}.$`),
  )
}
