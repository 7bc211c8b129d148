/** Whether what constraints read was loaded: a document can be loaded in part. */
import type { AnyModel } from '../schema/models.js'
import type { NeededPath } from './affected.js'
import type { AnyDocument } from './document.js'
import type { DocumentViolation } from './violation.js'

/** The paths that a check needs, but that the document was loaded without. */
export function notLoaded(document: AnyDocument, needed: readonly NeededPath[]): DocumentViolation[] {
  if (document.isNew || needed.length === 0) return []
  const versionKey = versionKeyOf(document)
  const violations = new Map<string, DocumentViolation>()
  for (const { kind, path } of needed) {
    const missing = [path, versionKey].find(each => !isWhole(document, each))
    if (missing === undefined) continue
    const message = `cannot be checked, because the document was loaded without ${missing}, or with a part of it`
    violations.set(path, { kind, path: path.split('.'), message })
  }
  return [...violations.values()]
}

/** The path of the version that Mongoose counts. A constrained schema has one. */
export function versionKeyOf(document: AnyDocument): string {
  return String((document.constructor as AnyModel).schema.get('versionKey'))
}

function isWhole(document: AnyDocument, path: string): boolean {
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
