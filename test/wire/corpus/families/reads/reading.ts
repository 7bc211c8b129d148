/** The tables that Query and Scan read, and requests to them. */
import { type Attribute, type Attributes, b, n, s } from '../../family.js'

export const TABLE = 'zz.pages.indexed'
export const NUMBERS = 'zz.pages.numbers'

const entry = (sk: string, more: Attributes): Attributes => ({ pk: s('p'), sk: s(sk), ...more })
export const ITEMS: Attributes[] = [
  entry('a', { group: s('g'), rank: n(3), kind: b('AQ=='), text: s('first'), num: n(1) }),
  entry('a1', { group: s('g'), rank: n(1), text: s('second'), num: n('2.5'), list: { L: [n(1), s('x')] } }),
  entry('ab', { group: s('h'), rank: n(-2), kind: b('AQ=='), tags: { SS: ['x', 'y'] }, flag: { BOOL: true } }),
  entry('b', { rank: n('1e10'), text: s(''), map: { M: { a: n(1), b: s('z') } }, nothing: { NULL: true } }),
  entry('B', { group: s('g'), rank: n(2), kind: b('Ag=='), nums: { NS: ['1', '2'] }, bin: b('AQID') }),
  entry('ä', { group: s('h'), text: s('umlaut'), status: s('on') }),
  entry('\u{1f600}', { text: s('smile'), num: n(-7) }),
  entry('z', { text: s('x'.repeat(3000)), num: n(100) }),
]
export const NUMBERED: Attributes[] = [
  { num: n(1), bin: b('AA=='), v: n(1) },
  { num: n(1), bin: b('AAE='), v: n(2) },
  { num: n(1), bin: b('AP8='), v: n(3) },
  { num: n(1), bin: b('/w=='), v: n(4) },
]

export type Values = { readonly [placeholder: string]: unknown }
export const P = { ':p': s('p') }
const NAMES: { readonly [name: string]: string } = {
  '#g': 'group',
  '#r': 'rank',
  '#t': 'text',
  '#l': 'list',
  '#m': 'map',
  '#s': 'status',
}

/** Names that no expression uses are omitted. */
export function reading(expressions: object, values: Values | undefined, more: object): object {
  const text = JSON.stringify(expressions)
  const used = Object.entries(NAMES).filter(([name]) => text.includes(name))
  return {
    TableName: TABLE,
    ...expressions,
    ...(used.length > 0 && { ExpressionAttributeNames: Object.fromEntries(used) }),
    ...(values && { ExpressionAttributeValues: values }),
    ...more,
  }
}
export const query = (KeyConditionExpression: string, values?: Values, more: object = {}) =>
  reading({ KeyConditionExpression }, values, more)
export const filtered = (FilterExpression: string, values: Values = {}, more: object = {}) =>
  reading({ KeyConditionExpression: 'pk = :p', FilterExpression }, { ...P, ...values }, more)
export const all = (more: object) => query('pk = :p', P, more)
export const key = (sk: string, more: Attributes = {}) => ({ pk: s('p'), sk: s(sk), ...more })

export const equals = (value: Attribute) => ({ ComparisonOperator: 'EQ', AttributeValueList: [value] })
export const compared = (ComparisonOperator: string, ...AttributeValueList: unknown[]) => ({
  ComparisonOperator,
  AttributeValueList,
})
