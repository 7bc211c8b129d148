/** Prints a shape as JSON Schema, for editors. */
import type { PlainValue } from '../model-set.js'
import type { ObjectShape, Shape } from './shape.js'

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: PlainValue }

/** The schema of a shape, draft 7, which the YAML language server reads. */
export function jsonSchemaOf(shape: Shape, id: string, title: string): JsonSchema {
  const definitions: Record<string, JsonSchema> = {}
  const schema = new Printer(definitions).print(shape)
  return { $schema: 'http://json-schema.org/draft-07/schema#', $id: id, title, ...schema, definitions }
}

class Printer {
  readonly #definitions: Record<string, JsonSchema>

  constructor(definitions: Record<string, JsonSchema>) {
    this.#definitions = definitions
  }

  print(shape: Shape): JsonSchema {
    const { description } = shape
    return { ...(description !== undefined && { description }), ...this.#bare(shape) }
  }

  #bare(shape: Shape): JsonSchema {
    switch (shape.kind) {
      case 'any':
        return {}
      case 'null':
        return { type: 'null' }
      case 'boolean':
        return { type: 'boolean' }
      case 'number':
        return {
          type: shape.isWhole ? 'integer' : 'number',
          ...(shape.min !== undefined && { minimum: shape.min }),
          ...(shape.max !== undefined && { maximum: shape.max }),
        }
      case 'text':
        return {
          type: 'string',
          ...(shape.pattern !== undefined && { pattern: `^(?:${shape.pattern})$` }),
          ...(shape.maxLength !== undefined && { maxLength: shape.maxLength }),
        }
      case 'choice':
        return { enum: shape.values }
      case 'list':
        return { type: 'array', items: this.print(shape.of), ...(shape.min !== undefined && { minItems: shape.min }) }
      case 'record':
        return {
          type: 'object',
          propertyNames: { pattern: `^(?:${shape.names})$` },
          additionalProperties: this.print(shape.of),
        }
      case 'object':
        return this.#object(shape)
      case 'either':
        return { anyOf: shape.shapes.map(it => this.print(it)) }
      case 'variants':
        return { anyOf: shape.variants.map(({ has, shape: it }) => this.#object(it, [has])) }
      case 'tagged': {
        // `allOf` with conditions, so that an editor completes and reports the members of the one case.
        const names = Object.keys(shape.cases)
        const known = names.map(name => ({
          if: { properties: { [shape.tag]: { const: name } }, required: [shape.tag] },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: this.#object(shape.cases[name] as ObjectShape),
        }))
        const tag: JsonSchema = shape.others
          ? { anyOf: [{ enum: names }, { type: 'string', pattern: '^[A-Z]' }] }
          : { enum: names }
        return { type: 'object', required: [shape.tag], properties: { [shape.tag]: tag }, allOf: known }
      }
      case 'named':
        return this.#named(shape.name, shape.shape)
    }
  }

  #object({ members, required = [] }: ObjectShape, more: readonly string[] = []): JsonSchema {
    const needed = [...new Set([...more, ...required])]
    return {
      type: 'object',
      properties: Object.fromEntries(Object.entries(members).map(([name, it]) => [name, this.print(it)])),
      ...(needed.length > 0 && { required: needed }),
      additionalProperties: false,
    }
  }

  #named(name: string, shape: () => Shape): JsonSchema {
    if (!Object.hasOwn(this.#definitions, name)) {
      this.#definitions[name] = {}
      this.#definitions[name] = this.print(shape())
    }
    return { $ref: `#/definitions/${name}` }
  }
}
