/** Checks of refs against the key fields that they refer to. These are known when the models are connected. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { encoder } from '../define/codec.js'
import type { AnyModel } from '../define/definition.js'
import { keyTemplates } from '../define/definition-check.js'
import type { FieldSpec } from '../define/field.js'
import { fieldNames, parseTemplate, type TemplatePart } from '../define/template.js'

type Models = Readonly<Record<string, AnyModel>>

/**
 * Adds a check to each ref in a field, at any depth: the written value must be a valid key. Reads and lookups skip the
 * check, so that a stored invalid ref does not make its row unreadable.
 * @param through the refs followed so far.
 * @throws ValidationError for a ref to a model that is not connected.
 */
export function withCheckedRefs(
  models: Models,
  model: AnyModel,
  name: string,
  spec: FieldSpec,
  through: readonly FieldSpec[] = [],
): FieldSpec {
  const { element, shape } = spec
  const inner = {
    ...(element && { element: withCheckedRefs(models, model, name, element) }),
    ...(shape && {
      shape: Object.fromEntries(
        Object.entries(shape).map(([part, it]) => [part, withCheckedRefs(models, model, part, it)]),
      ),
    }),
  }
  if (spec.kind !== 'ref') return element || shape ? { ...spec, ...inner } : spec
  const target = Object.hasOwn(models, spec.target as string) ? models[spec.target as string] : undefined
  if (!target) {
    const path = [model.name, 'fields', name]
    throw new ValidationError([{ path, message: `is a ref to ${spec.target}, which is not a connected model` }])
  }
  const named = namedKeyField(model, name, target)
  const key = named === undefined ? undefined : target.definition.fields[named]?.spec
  // Keys can be refs themselves and form a cycle.
  if (named === undefined || !key || through.includes(key)) return spec
  const checked = withCheckedRefs(models, target, named, key, [...through, spec])
  return { ...spec, checks: [...spec.checks, refCheck(spec, target.name, checked)] }
}

/** The key field that a ref refers to: the only one, the one that a relation names, or the one of the same name. */
function namedKeyField(model: AnyModel, name: string, target: AnyModel): string | undefined {
  const { pk, sk } = keyTemplates(target.name, target.definition)
  const names = [...new Set([pk, sk].flatMap(text => fieldNames(parseTemplate(text) as readonly TemplatePart[])))]
  const related = Object.values(model.definition.relations ?? {}).flatMap(relation =>
    relation.kind === 'one' && relation.target === target.name && typeof relation.fields === 'object'
      ? Object.entries(relation.fields).flatMap(([theirs, ours]) => (ours === name ? [theirs] : []))
      : [],
  )
  return names.length === 1 ? names[0] : (related[0] ?? names.find(theirs => theirs === name))
}

function refCheck({ transform }: FieldSpec, target: string, key: FieldSpec): (value: unknown) => string | true {
  const encode = encoder(key)
  return given => {
    const value = transform ? transform.encode(given) : given
    const issues: Issue[] = []
    encode(value, [], issues)
    if (issues.length > 0) return `is not a key of ${target}: it ${issues.map(({ message }) => message).join('; ')}`
    // Keys hold UUIDs in lower case, and an index lists a ref by its stored text.
    const isOfOtherCase = key.kind === 'uuid' && value !== String(value).toLowerCase()
    return isOfOtherCase ? `is not a key of ${target}: write the UUID in lower case, as its key holds it` : true
  }
}
