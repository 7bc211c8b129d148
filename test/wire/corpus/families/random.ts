/** Seeded random requests: sequences of reads and writes of few keys, so that they affect each other. */

import { Dice } from '../../../models/random/dice.js'
import { type Attribute, type Attributes, b, type CorpusRequest, type Family, indexedTable, n, s } from '../family.js'

const NAMES = ['alpha', 'beta', 'text', 'rank', 'group', 'list', 'map', 'tags', 'count'] as const
const RESERVED: ReadonlySet<string> = new Set(['text', 'rank', 'group', 'list', 'map', 'count'])
const NUMBERS = ['0', '1', '-1', '2', '1.5', '1e3', '0.001', '12345678901234567890', '-7e-3', '100']
const WRONG_NUMBERS = ['x', '', '1e200', '1'.repeat(40)]
const TEXTS = ['a', 'ab', 'abc', 'b', 'B', 'ä', '\u{1f600}', 'hello world']

class Requests {
  readonly #dice: Dice
  readonly #table: string
  #names: { [name: string]: string } = {}
  #values: { [name: string]: Attribute } = {}

  constructor(table: string, seed: number) {
    this.#table = table
    this.#dice = new Dice(seed)
  }

  next(): CorpusRequest {
    this.#names = {}
    this.#values = {}
    const [operation, input] = this.#dice.pick([
      () => this.#put(),
      () => this.#update(),
      () => this.#update(),
      () => this.#delete(),
      () => this.#get(),
      () => this.#query(),
      () => this.#query(),
      () => this.#scan(),
      () => this.#batchGet(),
      () => this.#batchWrite(),
      () => this.#transactWrite(),
    ])()
    return { name: `by chance`, operation, input }
  }

  #key(): Attributes {
    return { pk: s(this.#dice.pick(['p', 'q'])), sk: s(this.#dice.pick(['1', '2', '3', '4'])) }
  }

  #number(): Attribute {
    return n(this.#dice.pick(this.#dice.chance(2) ? WRONG_NUMBERS : NUMBERS))
  }

  #value(depth = 0): Attribute {
    const { below, pick, chance } = this.#bound()
    return pick<() => Attribute>([
      () => s(pick(TEXTS)),
      () => s(pick(TEXTS)),
      () => this.#number(),
      () => this.#number(),
      () => b(pick(['', 'AQ==', 'AAEC', '/w=='])),
      () => ({ BOOL: chance(50) }),
      () => ({ NULL: !chance(4) }),
      () => ({ SS: chance(4) ? [] : ['x', pick(['y', 'z', chance(8) ? 'x' : 'w'])] }),
      () => ({ NS: [String(below(3)), pick(['7', '8.0'])] }),
      () => ({ BS: ['AQ==', pick(['Ag==', 'Aw=='])] }),
      () => ({ L: depth > 1 ? [] : this.#dice.some(3, () => this.#value(depth + 1)) }),
      () => ({ M: depth > 1 ? {} : { a: this.#value(depth + 1), deep: { M: { b: n(below(4)) } } } }),
    ])()
  }

  #bound() {
    const dice = this.#dice
    return {
      below: (bound: number) => dice.below(bound),
      chance: (percent: number) => dice.chance(percent),
      pick: <T>(list: readonly T[]): T => dice.pick(list),
    }
  }

  #item(): Attributes {
    const { chance, pick, below } = this.#bound()
    const item: { [name: string]: Attribute } = { ...this.#key() }
    if (chance(60)) item.group = chance(3) ? n(1) : s(pick(['g', 'h']))
    if (chance(60)) item.rank = chance(3) ? s('r') : n(below(5))
    if (chance(40)) item.kind = b(pick(['AQ==', 'Ag==']))
    if (chance(60)) item.text = s(pick(TEXTS))
    if (chance(50)) item.count = n(below(10))
    if (chance(50)) item.list = { L: [n(below(5)), s(pick(TEXTS))] }
    if (chance(50)) item.map = { M: { a: this.#value(1), deep: { M: { b: n(1) } } } }
    if (chance(50)) item.tags = { SS: ['x', pick(['y', 'z'])] }
    if (chance(60)) item.alpha = this.#value()
    if (chance(60)) item.beta = this.#value()
    return item
  }

  /** A placeholder for the name, or sometimes the name itself. */
  #name(name: string): string {
    if (!RESERVED.has(name) ? this.#dice.chance(50) : this.#dice.chance(2)) return name
    const placeholder = `#${name}`
    if (!this.#dice.chance(1)) this.#names[placeholder] = name
    return placeholder
  }

  #path(): string {
    const name = this.#name(this.#dice.pick(NAMES))
    return name + this.#dice.pick(['', '', '', '', '.a', '.deep.b', '[0]', '[1]', '[3]'])
  }

  #placeholder(value: Attribute): string {
    const placeholder = `:v${Object.keys(this.#values).length}`
    if (!this.#dice.chance(1)) this.#values[placeholder] = value
    return placeholder
  }

  #operand(): string {
    const { pick, chance } = this.#bound()
    if (chance(55)) return this.#placeholder(this.#value())
    if (chance(80)) return this.#path()
    return pick([`size(${this.#path()})`, this.#placeholder(this.#number())])
  }

  #condition(depth = 0): string {
    const { pick, chance } = this.#bound()
    if (depth < 3 && chance(35)) {
      const left = this.#condition(depth + 1)
      const right = this.#condition(depth + 1)
      return pick([`${left} AND ${right}`, `${left} OR ${right}`, `NOT ${left}`, `(${left} OR ${right}) AND ${left}`])
    }
    return pick<() => string>([
      () => `${this.#path()} ${pick(['=', '<>', '<', '<=', '>', '>='])} ${this.#operand()}`,
      () => `${this.#operand()} ${pick(['=', '<>', '<', '>='])} ${this.#path()}`,
      () => `${this.#path()} BETWEEN ${this.#placeholder(n(1))} AND ${this.#placeholder(n(pick([3, 0])))}`,
      () => `${this.#path()} BETWEEN ${this.#placeholder(s('a'))} AND ${this.#placeholder(s('b'))}`,
      () => `${this.#path()} IN (${this.#operand()}, ${this.#operand()})`,
      () => `attribute_exists(${this.#path()})`,
      () => `attribute_not_exists(${this.#path()})`,
      () =>
        `attribute_type(${this.#path()}, ${this.#placeholder(s(pick(['S', 'N', 'SS', 'L', 'M', 'NULL', 'BOOL'])))})`,
      () => `begins_with(${this.#path()}, ${this.#placeholder(s(pick(['a', 'ab', ''])))})`,
      () => `contains(${this.#path()}, ${this.#placeholder(pick([s('a'), s('x'), n(1), n('7.0')]))})`,
      () => `size(${this.#path()}) ${pick(['=', '>', '<'])} ${this.#placeholder(n(pick([0, 1, 2, 3])))}`,
    ])()
  }

  #change(): string {
    const { pick } = this.#bound()
    const set = () =>
      pick<() => string>([
        () => this.#operand(),
        () => this.#placeholder(this.#value()),
        () => `${this.#path()} ${pick(['+', '-'])} ${this.#placeholder(this.#number())}`,
        () => `if_not_exists(${this.#path()}, ${this.#placeholder(this.#value())})`,
        () => `list_append(${this.#path()}, ${this.#placeholder({ L: [n(1)] })})`,
        () => `list_append(${this.#placeholder({ L: [s('l')] })}, ${this.#path()})`,
      ])()
    const clauses = [
      this.#dice.chance(70) ? `SET ${this.#list(() => `${this.#path()} = ${set()}`)}` : '',
      this.#dice.chance(35) ? `REMOVE ${this.#list(() => this.#path())}` : '',
      this.#dice.chance(30)
        ? `ADD ${this.#path()} ${this.#placeholder(pick([n(1), n('-2.5'), { SS: ['x', 'q'] }, { NS: ['1'] }, s('a')]))}`
        : '',
      this.#dice.chance(20)
        ? `DELETE ${this.#path()} ${this.#placeholder(pick([{ SS: ['x'] }, { SS: ['x', 'y', 'z'] }, { NS: ['1'] }, n(1)]))}`
        : '',
    ].filter(clause => clause !== '')
    return clauses.length > 0 ? clauses.join(' ') : `REMOVE ${this.#path()}`
  }

  #list(make: () => string): string {
    return [make(), ...this.#dice.some(2, make)].join(', ')
  }

  #placeholders(): object {
    return {
      ...(Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: { ...this.#names } }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: { ...this.#values } }),
    }
  }

  /** Sometimes a condition, and the placeholders of the request's expressions. */
  #guard(percent: number): object {
    const guard = this.#dice.chance(percent) && {
      ConditionExpression: this.#condition(),
      ...(this.#dice.chance(50) && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    }
    return { ...guard, ...this.#placeholders() }
  }

  /**
   * An update that only removes is sent only for an existing item: for a missing one the servers create an item, and
   * AWS does not.
   */
  #guardOf(update: string, percent: number): object {
    const guard: { readonly ConditionExpression?: string } = this.#guard(percent)
    if (/\b(?:SET|ADD) /.test(update)) return guard
    const { ConditionExpression: more } = guard
    const exists = 'attribute_exists(pk)'
    return { ...guard, ConditionExpression: more === undefined ? exists : `${exists} AND (${more})` }
  }

  #returnOptions(): object {
    return {
      ...(this.#dice.chance(50) && { ReturnConsumedCapacity: this.#dice.pick(['TOTAL', 'INDEXES']) }),
      ...(this.#dice.chance(1) && { ReturnConsumedCapacity: 'WRONG' }),
    }
  }

  #put(): [string, object] {
    const returns = this.#dice.chance(50) && { ReturnValues: this.#dice.chance(4) ? 'ALL_NEW' : 'ALL_OLD' }
    return [
      'PutItem',
      { TableName: this.#table, Item: this.#item(), ...returns, ...this.#guard(35), ...this.#returnOptions() },
    ]
  }

  #update(): [string, object] {
    const UpdateExpression = this.#change()
    const ReturnValues = this.#dice.pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'])
    const guard = this.#guardOf(UpdateExpression, 25)
    return [
      'UpdateItem',
      { TableName: this.#table, Key: this.#key(), UpdateExpression, ReturnValues, ...guard, ...this.#returnOptions() },
    ]
  }

  #delete(): [string, object] {
    const returns = this.#dice.chance(50) && { ReturnValues: 'ALL_OLD' }
    return [
      'DeleteItem',
      { TableName: this.#table, Key: this.#key(), ...returns, ...this.#guard(50), ...this.#returnOptions() },
    ]
  }

  #projection(): object {
    if (!this.#dice.chance(40)) return {}
    return { ProjectionExpression: this.#list(() => this.#path()) }
  }

  #get(): [string, object] {
    const projection = this.#projection()
    return [
      'GetItem',
      {
        TableName: this.#table,
        Key: this.#key(),
        ConsistentRead: this.#dice.chance(50),
        ...projection,
        ...this.#placeholders(),
        ...this.#returnOptions(),
      },
    ]
  }

  #sortCondition(name: string, value: () => Attribute): string {
    const { pick } = this.#bound()
    return pick<() => string>([
      () => '',
      () => ` AND ${name} ${pick(['=', '<', '<=', '>', '>='])} ${this.#placeholder(value())}`,
      () => ` AND ${name} BETWEEN ${this.#placeholder(value())} AND ${this.#placeholder(value())}`,
      () => ` AND begins_with(${name}, ${this.#placeholder(value())})`,
    ])()
  }

  #query(): [string, object] {
    const { pick, chance } = this.#bound()
    const table = () => `pk = ${this.#placeholder(s(pick(['p', 'q'])))}`
    const sk = () => this.#sortCondition('sk', () => s(pick(['1', '2', '3'])))
    const rank = () => this.#sortCondition(this.#name('rank'), () => n(this.#dice.below(5)))
    const [IndexName, KeyConditionExpression] = pick<() => [string | undefined, string]>([
      () => [undefined, table() + sk()],
      () => [undefined, table() + sk()],
      () => ['byRank', table() + rank()],
      () => ['rankKeys', table() + rank()],
      () => ['byGroup', `${this.#name('group')} = ${this.#placeholder(s('g'))}${rank()}`],
      () => ['groupKeys', `${this.#name('group')} = ${this.#placeholder(s('h'))}`],
      () => ['byKind', `kind = ${this.#placeholder(b('AQ=='))}${sk()}`],
    ])()
    const filter = chance(40) && { FilterExpression: this.#condition() }
    const projection = this.#projection()
    return [
      'Query',
      {
        TableName: this.#table,
        ...(IndexName !== undefined && { IndexName }),
        KeyConditionExpression,
        ...filter,
        ...projection,
        ...(IndexName === undefined && chance(30) && { Limit: 1 + this.#dice.below(4) }),
        ...(chance(30) && { ScanIndexForward: chance(50) }),
        ...(chance(20) && { ConsistentRead: chance(80) }),
        ...(chance(15) && { Select: pick(['COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES']) }),
        ...this.#placeholders(),
        ...this.#returnOptions(),
      },
    ]
  }

  #scan(): [string, object] {
    const filter = this.#dice.chance(60) && { FilterExpression: this.#condition() }
    const index = this.#dice.chance(30) && { IndexName: this.#dice.pick(['byRank', 'byGroup', 'groupKeys', 'byKind']) }
    const projection = this.#projection()
    return [
      'Scan',
      { TableName: this.#table, ...index, ...filter, ...projection, ...this.#placeholders(), ...this.#returnOptions() },
    ]
  }

  #batchGet(): [string, object] {
    const Keys = [this.#key(), ...this.#dice.some(3, () => this.#key())]
    const gets = { Keys, ...this.#projection() }
    const names = Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: this.#names }
    return ['BatchGetItem', { RequestItems: { [this.#table]: { ...gets, ...names } }, ...this.#returnOptions() }]
  }

  #batchWrite(): [string, object] {
    const one = () =>
      this.#dice.chance(60) ? { PutRequest: { Item: this.#item() } } : { DeleteRequest: { Key: this.#key() } }
    return [
      'BatchWriteItem',
      { RequestItems: { [this.#table]: [one(), ...this.#dice.some(3, one)] }, ...this.#returnOptions() },
    ]
  }

  #transactWrite(): [string, object] {
    const { pick } = this.#bound()
    const TableName = this.#table
    const one = () => {
      this.#names = {}
      this.#values = {}
      return pick<() => object>([
        () => ({ Put: { TableName, Item: this.#item(), ...this.#guard(40) } }),
        () => ({ Delete: { TableName, Key: this.#key(), ...this.#guard(40) } }),
        () => {
          const Key = this.#key()
          const UpdateExpression = this.#change()
          return { Update: { TableName, Key, UpdateExpression, ...this.#guardOf(UpdateExpression, 20) } }
        },
        () => ({
          ConditionCheck: {
            TableName,
            Key: this.#key(),
            ConditionExpression: this.#condition(),
            ...this.#placeholders(),
          },
        }),
      ])()
    }
    return ['TransactWriteItems', { TransactItems: [one(), ...this.#dice.some(3, one)], ...this.#returnOptions() }]
  }
}

/** @param table a different number for each family that runs at the same time. */
export function random(table: number, seed: number, count: number): Family {
  const TableName = `zz.random.${table}`
  const requests = new Requests(TableName, seed)
  return {
    name: `by chance, seed ${seed}`,
    tables: [indexedTable(TableName)],
    items: { [TableName]: [] },
    requests: Array.from({ length: count }, () => requests.next()),
  }
}
