/** Refs checked against the key fields that they name, which are known once models are connected. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { encoder } from '../define/codec.js'
import type { AnyModel } from '../define/definition.js'
import { keyTemplates } from '../define/definition-check.js'
import type { FieldSpec } from '../define/field.js'
import { fieldNames, parseTemplate, type TemplatePart } from '../define/template.js'

type Models = Readonly<Record<string, AnyModel>>

/**
 * The field with a check in each of its refs, at any depth, that a row can have the key that is written. Reads and lookups
 * do without: a ref that was stored before names no row, which is no reason to refuse its own row.
 * @param through refs that led here.
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
    throw new ValidationError([
      { path, message: `is a ref to ${spec.target}, which is no model among those connected` },
    ])
  }
  const named = namedKeyField(model, name, target)
  const key = named === undefined ? undefined : target.definition.fields[named]?.spec
  // Keys may be refs themselves, and lead in a circle.
  if (named === undefined || !key || through.includes(key)) return spec
  const checked = withCheckedRefs(models, target, named, key, [...through, spec])
  return { ...spec, checks: [...spec.checks, refCheck(spec, target.name, checked)] }
}

/** The key field that a ref holds: the only one, the one that a relation says, or the one of the same name. */
function namedKeyField(model: AnyModel, name: string, target: AnyModel): string | undefined {
  const { pk, sk } = keyTemplates(target.name, target.definition)
  const names = [...new Set([pk, sk].flatMap(text => fieldNames(parseTemplate(text) as readonly TemplatePart[])))]
  const related = Object.values(model.definition.relations ?? {}).flatMap(relation =>
    relation.kind === 'one' && relation.target === target.name && typeof relation.fields === 'object'
      ? Object.entries(relation.fields).flatMap(([theirs, ours]) => (ours === name ? [theirs] : []))
      : [],
  )
  return names.length === 1 ? names[0] : (related[0] ?? names.find(it => it === name))
}

function refCheck({ transform }: FieldSpec, target: string, key: FieldSpec): (value: unknown) => string | true {
  const encode = encoder(key)
  return given => {
    const value = transform ? transform.encode(given) : given
    const issues: Issue[] = []
    encode(value, [], issues)
    if (issues.length > 0) return `names no ${target}: it ${issues.map(({ message }) => message).join('; ')}`
    // Keys hold UUIDs in lower case, and an index lists a ref under what it holds.
    const isOfOtherCase = key.kind === 'uuid' && value !== String(value).toLowerCase()
    return isOfOtherCase ? `names no ${target}: write the UUID in lower case, as its key holds it` : true
  }
}
