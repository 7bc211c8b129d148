/** Makes fields of their descriptions: runs the chain of calls that builds each. */
import { Decimal, f, type Issue, ValidationError } from 'partita'
import type { BuilderArgument, BuilderCall, FieldDescription } from './model-set.js'

/** A function that makes fields of a custom type from the options in the file. */
export type CustomField = (options: { readonly [option: string]: unknown }) => unknown

type CustomFields = ReadonlyMap<string, CustomField> | undefined

/**
 * The fields of a model.
 * @throws ValidationError for a field that cannot be made.
 */
export function makeFields(
  fields: readonly FieldDescription[],
  customFields: CustomFields,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.map(({ name, calls }) => {
      try {
        return [name, fieldOf(calls, customFields)]
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        const issues: readonly Issue[] = error.details.issues
        throw new ValidationError(issues.map(({ path, message }) => ({ path: ['fields', name, ...path], message })))
      }
    }),
  )
}

/** Runs a chain of calls. Their names come from tables of this program, and those of custom fields from the map. */
function fieldOf(calls: readonly BuilderCall[], customFields: CustomFields): unknown {
  let made: unknown
  for (const [i, { call, args }] of calls.entries()) {
    const custom = i === 0 ? customFields?.get(call) : undefined
    if (custom) made = customField(call, custom, args[0] as { readonly value: { readonly [option: string]: unknown } })
    else {
      const owner = (i === 0 ? f : made) as
        | Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
        | undefined
      made = owner?.[call]?.(...args.map(arg => argumentValue(arg, customFields)))
    }
  }
  return made
}

/** Calls a function of the program, which may throw anything. */
function customField(
  name: string,
  make: CustomField,
  { value }: { readonly value: { readonly [option: string]: unknown } },
): unknown {
  try {
    return adopted(make(value))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ValidationError([{ path: [], message: `cannot be made by ${name}: ${reason}` }])
  }
}

/**
 * The field as one of this copy of the library. A program may have a copy of its own, whose classes are others: its fields
 * are recognised by their shape.
 */
function adopted(made: unknown): unknown {
  const own = f.string()
  const Builder = own.constructor as new (spec: unknown) => unknown
  if (typeof made !== 'object' || made === null || made instanceof Builder) return made
  const { spec } = made as { readonly spec?: { readonly kind?: unknown } }
  return typeof spec?.kind === 'string' ? new Builder(spec) : made
}

/** An argument as the value that the printed code would pass. */
function argumentValue(argument: BuilderArgument, customFields: CustomFields): unknown {
  if (typeof argument !== 'object' || argument === null) return argument
  switch (argument.kind) {
    case 'plain':
      return argument.value
    case 'field':
      return fieldOf(argument.calls, customFields)
    case 'fields':
      return makeFields(argument.fields, customFields)
    case 'pattern':
      return new RegExp(argument.source, argument.flags)
    case 'date':
      return new Date(argument.text)
    case 'bigint':
      return BigInt(argument.text)
    case 'decimal':
      return new Decimal(argument.text)
    case 'list':
      return argument.items.map(item => argumentValue(item, customFields))
    case 'object':
      return Object.fromEntries(argument.members.map(([name, value]) => [name, argumentValue(value, customFields)]))
    case 'rounding': {
      const { digits } = argument
      return { encode: (value: number) => Number(value.toFixed(digits)), decode: (stored: number) => stored }
    }
  }
}
