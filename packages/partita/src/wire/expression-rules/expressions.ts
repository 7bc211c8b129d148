/** The expressions of one request, which share their placeholders. */
import { LimitExceededError } from '../../errors/errors.js'
import type { Condition, KeyCondition, Projection, SortCondition, Update } from '../../expression/ast.js'
import {
  ExpressionError,
  type PlaceholderLookup,
  parseCondition,
  parseProjection,
  parseUpdate,
  type Rules,
} from '../../expression/parse/index.js'
import type { IndexKeySchema } from '../../store/definition.js'
import type { TypedItem } from '../protocol/attribute-value.js'
import { InputError } from '../protocol/aws-error.js'
import { CONDITION_RULES } from './condition-rules.js'
import { keyConditionOf, keyParts } from './key-condition.js'
import { type ExpressionMember, expressionMessage, limitText } from './messages.js'
import { distinctTargets } from './paths.js'
import { RequestPlaceholders } from './placeholders.js'
import { RuleError } from './rule-error.js'
import { updateRules } from './update-rules.js'

/** The expression members of a request, or of an operation in it, after `readShape`. */
export interface ExpressionInput {
  readonly ConditionExpression?: string
  readonly FilterExpression?: string
  readonly KeyConditionExpression?: string
  readonly ProjectionExpression?: string
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: { readonly [placeholder: string]: string }
  readonly ExpressionAttributeValues?: TypedItem
}

/** Parses each expression on demand, so that callers determine which of two errors is reported. */
export class Expressions {
  readonly #input: ExpressionInput
  readonly #placeholders: RequestPlaceholders
  #keyParts: readonly SortCondition[] | undefined

  /** @throws AwsError for malformed placeholders, and for placeholders with an invalid name or value. */
  constructor(input: ExpressionInput) {
    this.#input = input
    this.#placeholders = new RequestPlaceholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues)
  }

  /** @throws AwsError */
  condition(member: 'ConditionExpression' | 'FilterExpression'): Condition | undefined {
    return this.#read(member, parseCondition, CONDITION_RULES)
  }

  /** @throws AwsError */
  update(): Update | undefined {
    return this.#read('UpdateExpression', parseUpdate, updateRules())
  }

  /** @throws AwsError */
  projection(): Projection | undefined {
    return this.#read('ProjectionExpression', parseProjection, { target: distinctTargets() })
  }

  /** Checks the key condition as far as that does not depend on the keys. @throws AwsError */
  checkKeyCondition(): void {
    let measures = false
    const condition = this.#read('KeyConditionExpression', parseCondition, {
      operator(name, operands) {
        CONDITION_RULES.operator?.(name, operands)
        if (name === 'size') measures = true
      },
    })
    if (condition) this.#keyParts = keyParts(condition, measures)
  }

  /** @param schema the key of the table or index that the query reads. @throws AwsError */
  keyCondition(schema: IndexKeySchema): KeyCondition | undefined {
    if (!this.#keyParts) this.checkKeyCondition()
    return this.#keyParts && keyConditionOf(this.#keyParts, schema)
  }

  /** Call this after reading every expression. @throws AwsError naming the placeholders that none of them uses. */
  checkUsed(): void {
    this.#placeholders.checkUsed()
  }

  #read<Node>(
    member: ExpressionMember,
    parse: (text: string, meanings: PlaceholderLookup, rules: Rules) => Node,
    rules: Rules,
  ): Node | undefined {
    const text = this.#input[member]
    if (text === undefined) return undefined
    if (text === '') throw new InputError(`Invalid ${member}: The expression can not be empty;`)
    try {
      return parse(text, this.#placeholders, rules)
    } catch (error) {
      if (error instanceof ExpressionError)
        throw new InputError(`Invalid ${member}: ${expressionMessage(error, member)}`)
      if (error instanceof LimitExceededError) throw new InputError(`Invalid ${member}: ${limitText(error, member)}`)
      if (error instanceof RuleError) throw new InputError(`Invalid ${member}: ${error.message}`)
      throw error
    }
  }
}
