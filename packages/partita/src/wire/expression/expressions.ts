/** The expressions of one request, which share their placeholders. */
import type { Condition, KeyCondition, Projection, Update } from '../../expression/ast.js'
import { Aliases, parseCondition, parseKeyCondition, parseProjection, parseUpdate } from '../../expression/parse.js'
import type { KeySchema } from '../../store/definition.js'
import type { Value } from '../../value/value.js'
import { readItem, type TypedItem } from '../attributes.js'

/** The members of a request, or of an operation in it, that expressions are made of; as `readShape` left them. */
export interface ExpressionInput {
  readonly ConditionExpression?: string
  readonly FilterExpression?: string
  readonly KeyConditionExpression?: string
  readonly ProjectionExpression?: string
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: { readonly [placeholder: string]: string }
  readonly ExpressionAttributeValues?: TypedItem
}

export class Expressions {
  readonly #input: ExpressionInput
  readonly #aliases: Aliases

  /** @throws Fault for placeholders that are malformed, or that stand for what cannot be. */
  constructor(input: ExpressionInput) {
    this.#input = input
    const values = input.ExpressionAttributeValues
    this.#aliases = new Aliases(input.ExpressionAttributeNames, values && (readItem(values) as { [k: string]: Value }))
  }

  /** @throws Fault */
  condition(member: 'ConditionExpression' | 'FilterExpression'): Condition | undefined {
    const text = this.#input[member]
    return text === undefined ? undefined : parseCondition(text, this.#aliases)
  }

  /** @throws Fault */
  update(): Update | undefined {
    const text = this.#input.UpdateExpression
    return text === undefined ? undefined : parseUpdate(text, this.#aliases)
  }

  /** @throws Fault */
  projection(): Projection | undefined {
    const text = this.#input.ProjectionExpression
    return text === undefined ? undefined : parseProjection(text, this.#aliases)
  }

  /** @throws Fault */
  keyCondition(schema: KeySchema): KeyCondition | undefined {
    const text = this.#input.KeyConditionExpression
    return text === undefined ? undefined : parseKeyCondition(text, this.#aliases, schema.partition.name)
  }

  /** To be called when every expression was read. @throws Fault naming the placeholders that none of them uses. */
  checkUsed(): void {
    this.#aliases.checkAllUsed()
  }
}
