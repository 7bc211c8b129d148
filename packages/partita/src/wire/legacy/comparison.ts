/** ComparisonOperator and AttributeValueList: the number and types of each operator's values, and its meaning. */
import {
  and,
  beginsWith,
  between,
  type Comparator,
  type Condition,
  compare,
  contains,
  exists,
  isIn,
  not,
  notExists,
  type Operand,
  path,
  value,
} from '../../expression/ast.js'
import { compareValues, type TypeName, typeOf, type Value } from '../../value/value.js'
import { invalidValues, validation } from '../protocol/aws-error.js'

interface Operator {
  /** Number of values that it requires. */
  readonly least: number
  readonly most: number
  /** Types that it accepts; undefined for all. */
  readonly types?: readonly TypeName[]
  condition(attribute: Operand, name: string, values: readonly Operand[]): Condition
}

const ORDERED: readonly TypeName[] = ['S', 'N', 'B']
const MEMBERS: readonly TypeName[] = [...ORDERED, 'BOOL', 'NULL']

const OPERATORS: { readonly [name: string]: Operator } = {
  EQ: comparison('='),
  NE: comparison('<>'),
  LT: comparison('<', ORDERED),
  LE: comparison('<=', ORDERED),
  GT: comparison('>', ORDERED),
  GE: comparison('>=', ORDERED),
  NULL: { least: 0, most: 0, condition: (_, name) => notExists([name]) },
  NOT_NULL: { least: 0, most: 0, condition: (_, name) => exists([name]) },
  CONTAINS: one(MEMBERS, contains),
  // Unlike NE, it is false if the attribute does not exist.
  NOT_CONTAINS: {
    ...one(MEMBERS, contains),
    condition: (attribute, name, [member]) => and(exists([name]), not(contains(attribute, member as Operand))),
  },
  BEGINS_WITH: one(['S', 'B'], beginsWith),
  IN: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    types: ORDERED,
    condition: (attribute, _, list) => isIn(attribute, list),
  },
  BETWEEN: {
    least: 2,
    most: 2,
    types: ORDERED,
    condition: (attribute, _, [low, high]) => between(attribute, low as Operand, high as Operand),
  },
}

function one(
  types: readonly TypeName[] | undefined,
  make: (attribute: Operand, operand: Operand) => Condition,
): Operator {
  return {
    least: 1,
    most: 1,
    ...(types && { types }),
    condition: (attribute, _, [operand]) => make(attribute, operand as Operand),
  }
}

function comparison(comparator: Comparator, types?: readonly TypeName[]): Operator {
  return one(types, (attribute, operand) => compare(attribute, comparator, operand))
}

/** @throws AwsError for a wrong number of values, types that the operator does not accept, and unordered bounds. */
export function checkComparison(name: string, values: readonly Value[]): void {
  const operator = operatorOf(name)
  if (values.length < operator.least || values.length > operator.most) {
    throw invalidValues(`Invalid number of argument(s) for the ${name} ComparisonOperator`)
  }
  const types = values.map(typeOf)
  const wrong = operator.types && types.find(type => !operator.types?.includes(type))
  if (wrong) throw invalidValues(`ComparisonOperator ${name} is not valid for ${wrong} AttributeValue type`)
  if (types.some(type => type !== types[0])) {
    throw invalidValues('AttributeValues inside AttributeValueList must be of same type')
  }
  if (name === 'BETWEEN' && (compareValues(values[0] as Value, values[1] as Value) as number) > 0) {
    throw validation('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound')
  }
}

/** The condition on one attribute. Its values must have been checked. */
export function comparisonOf(attribute: string, name: string, values: readonly Value[]): Condition {
  return operatorOf(name).condition(path(attribute), attribute, values.map(value))
}

/** The shape of the input admits no other name. */
function operatorOf(name: string): Operator {
  return OPERATORS[name] as Operator
}
