/** The plugin: constraints run with every save, and calls that write without `save` are refused. */
import type { Schema } from 'mongoose'
import { invalid } from '../errors/errors.js'
import { DocumentCheck } from './check/check.js'
import type { MongooseDocument } from './check/document.js'
import { holdDocument, releaseDocument } from './check/hold.js'
import { type DocumentViolation, validationError } from './check/violation.js'
import { checkOptions, type GoodiesOptions, WRITING_CALLS, type WritingCall } from './options.js'
import { allSchemas, type MongooseModel } from './schema/models.js'
import { goodiesOptions, keepOptions } from './schema/plugged.js'
import { isConstrained, schemasBelow } from './schema/rules.js'

/** Mongoose also runs hooks with this property for calls with the option `middleware: false`. */
const ALWAYS = Symbol.for('mongoose:built-in-middleware')

/** The check of a validation, so that the save that it belongs to need not check again. */
interface Checked {
  readonly check: DocumentCheck
  readonly save: object
}

const checked = new WeakMap<MongooseDocument, Checked>()
/** Errors that have all violations already. */
const reported = new WeakSet<Error>()

/**
 * A plugin of Mongoose that checks the options `goodiesForeignConstraints`, `goodiesLimitByReference`,
 * `goodiesUniqueArraySubDocument` and `goodiesLock` whenever a document is validated or saved, and reports all violations as
 * one `ValidationError` of Mongoose, each at its path. If another save was faster, a save fails with Mongoose's
 * `VersionError`.
 *
 * The constraints of parts run with the document that they are part of. Apply the plugin last, or to all schemas by
 * `mongoose.plugin(goodies)`, so that the hooks of the program run before it.
 *
 * @throws ValidationError of Partita for options that make no sense.
 */
export function goodies(schema: Schema, options?: GoodiesOptions): void {
  keepOptions(schema, checkOptions(options))
  // Mistakes in the options of the schema and its parts are found now, and those in models when `checkConstraints` runs.
  schemasBelow(schema)
  schema.post('validate', always(afterValidation))
  schema.post('validate', always(afterFailedValidation))
  schema.pre('save', always(beforeSave))
  schema.post('save', always(afterSave))
  schema.post('save', always(afterFailedSave))
  for (const call of WRITING_CALLS) {
    const refuse = always(function (this: unknown) {
      refuseCall(this, call)
    })
    schema.pre(call as 'updateMany', refuse)
  }
}

function always<Hook extends object>(hook: Hook): Hook {
  return Object.assign(hook, { [ALWAYS]: true })
}

async function afterValidation(this: unknown): Promise<void> {
  const document = constrainedDocument(this)
  if (!document) return
  const check = new DocumentCheck(document)
  if (!check.isNeeded) return
  refuseViolations(document, await check.violations())
  const save = currentSave(document)
  if (save) checked.set(document, { check, save })
}

/** Adds violations to what Mongoose found, so that one error has all. Mongoose knows such a hook by its three parameters. */
async function afterFailedValidation(this: unknown, error: Error, _document: unknown, _next: unknown): Promise<void> {
  const document = constrainedDocument(this)
  if (!document || reported.has(error)) return
  const { ValidationError } = (document.constructor as MongooseModel).base.Error
  if (!(error instanceof ValidationError)) return
  const check = new DocumentCheck(document)
  if (check.isNeeded) validationError(document, await check.violations(), error)
}

async function beforeSave(this: unknown, options?: unknown): Promise<void> {
  const document = constrainedDocument(this)
  if (!document) return
  releaseDocument(document)
  const check = new DocumentCheck(document)
  if (!check.isNeeded) return
  if ((options as { readonly pathsToSave?: unknown } | undefined)?.pathsToSave !== undefined) {
    throw invalid(['pathsToSave'], 'cannot be used with constraints, which are checked for all changes of a document')
  }
  const before = checked.get(document)
  checked.delete(document)
  // Hooks of the program may change the document after its validation, and a save can leave validation out.
  const isKnown = before && before.save === currentSave(document) && before.check.fingerprint === check.fingerprint
  const last = isKnown ? before.check : check
  if (!isKnown) refuseViolations(document, await check.violations())
  await last.guardDocuments()
  holdDocument(document, last.condition())
}

function afterSave(this: unknown): void {
  const document = constrainedDocument(this)
  if (document) releaseDocument(document)
}

async function afterFailedSave(this: unknown, _error: Error, _document: unknown, _next: unknown): Promise<void> {
  const document = constrainedDocument(this)
  if (document) releaseDocument(document)
}

function refuseViolations(document: MongooseDocument, violations: readonly DocumentViolation[]): void {
  if (violations.length === 0) return
  const error = validationError(document, violations)
  reported.add(error)
  throw error
}

/** The document of a hook; undefined for a part of one, which is checked with the document, and if nothing is to check. */
function constrainedDocument(given: unknown): MongooseDocument | undefined {
  const document = given as MongooseDocument & { readonly $isSubdocument?: boolean }
  return !document.$isSubdocument && isConstrained((document.constructor as MongooseModel).schema)
    ? document
    : undefined
}

/** An object that is the same during one save; undefined outside of saves. */
function currentSave(document: MongooseDocument): object | undefined {
  const { $__ } = document as unknown as { readonly $__?: { readonly saveOptions?: object | null } }
  return $__?.saveOptions ?? undefined
}

function refuseCall(given: unknown, call: WritingCall): void {
  // A query knows its model. The hooks of a model's own calls run on the model.
  const model = (typeof given === 'function' ? given : (given as { readonly model: unknown }).model) as MongooseModel
  if (goodiesOptions(model.schema)?.allow?.includes(call) || !allSchemas(model).some(isConstrained)) return
  const name = call === 'bulkWrite' ? 'bulkWrite, which bulkSave also uses,' : call
  throw invalid(
    [call],
    `is refused: ${name} writes ${model.modelName} without its constraints; load the document and save it, or name the ` +
      `call in the option allow of the plugin`,
  )
}
