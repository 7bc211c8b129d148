/** The expressions of one request, which share their placeholders. */
import { LimitExceededError } from '../../errors/errors.js'
import type { Condition, KeyCondition, Projection, SortCondition, Update } from '../../expression/ast.js'
import {
  ExpressionError,
  type Meanings,
  parseCondition,
  parseProjection,
  parseUpdate,
  type Rules,
} from '../../expression/parse/index.js'
import type { IndexKeySchema } from '../../store/definition.js'
import type { TypedItem } from '../protocol/attribute-value.js'
import { validation } from '../protocol/aws-error.js'
import { CONDITION_RULES } from './condition-rules.js'
import { keyConditionOf, keyParts } from './key-condition.js'
import { expressionMessage, limitText, type Member } from './messages.js'
import { distinctTargets } from './paths.js'
import { RequestPlaceholders } from './placeholders.js'
import { RuleError } from './rule-error.js'
import { updateRules } from './update-rules.js'

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

/** Each is read when it is asked for, so that of two with a fault the one asked for first is told of. */
export class Expressions {
  readonly #input: ExpressionInput
  readonly #placeholders: RequestPlaceholders
  #keyParts: readonly SortCondition[] | undefined

  /** @throws Fault for placeholders that are malformed, or that stand for what cannot be. */
  constructor(input: ExpressionInput) {
    this.#input = input
    this.#placeholders = new RequestPlaceholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues)
  }

  /** @throws Fault */
  condition(member: 'ConditionExpression' | 'FilterExpression'): Condition | undefined {
    return this.#read(member, parseCondition, CONDITION_RULES)
  }

  /** @throws Fault */
  update(): Update | undefined {
    return this.#read('UpdateExpression', parseUpdate, updateRules())
  }

  /** @throws Fault */
  projection(): Projection | undefined {
    return this.#read('ProjectionExpression', parseProjection, { target: distinctTargets() })
  }

  /** What is wrong with the key condition whatever the keys are. @throws Fault */
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

  /** @param schema of the table, or of the index that the query reads. @throws Fault */
  keyCondition(schema: IndexKeySchema): KeyCondition | undefined {
    if (!this.#keyParts) this.checkKeyCondition()
    return this.#keyParts && keyConditionOf(this.#keyParts, schema)
  }

  /** To be called when every expression was read. @throws Fault naming the placeholders that none of them uses. */
  checkUsed(): void {
    this.#placeholders.checkUsed()
  }

  #read<Node>(
    member: Member,
    parse: (text: string, meanings: Meanings, rules: Rules) => Node,
    rules: Rules,
  ): Node | undefined {
    const text = this.#input[member]
    if (text === undefined) return undefined
    if (text === '') throw validation(`Invalid ${member}: The expression can not be empty;`)
    try {
      return parse(text, this.#placeholders, rules)
    } catch (error) {
      if (error instanceof ExpressionError) throw validation(`Invalid ${member}: ${expressionMessage(error, member)}`)
      if (error instanceof LimitExceededError) throw validation(`Invalid ${member}: ${limitText(error, member)}`)
      if (error instanceof RuleError) throw validation(`Invalid ${member}: ${error.message}`)
      throw error
    }
  }
}
