/**
 * The requests of a program in Go that stores its data in one table at localhost:8000, sent over HTTP as the program
 * sends them. The tests expect what the program's documentation says, or what AWS answers where the program does not do
 * what it documents.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { send, startServer } from './server.js'

const TABLE = 'organisation'
const { endpoint } = await startServer()

type Answer = Record<string, unknown>

/** As version 1 of the AWS SDK for Go sends it. */
async function ask(operation: string, input: object): Promise<Answer> {
  const { status, text } = await send(endpoint, {
    headers: {
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'user-agent': 'aws-sdk-go/1.30.5 (go1.14; linux; amd64)',
    },
    body: JSON.stringify(input),
  })
  const answer = JSON.parse(text) as Answer
  if (status !== 200) throw new Error(`${answer.__type}: ${answer.message ?? answer.Message}`)
  return answer
}

type Attribute = Readonly<Record<string, unknown>>
type Row = Readonly<Record<string, Attribute>>

const s = (text: string): Attribute => ({ S: text })
const VERSION = { N: '0' }
const NOW = s('2020-01-01T00:00:00Z')
const USER = { email: s('test@example.com'), firstName: s('Sarah'), lastName: s('Connor'), phone: s('4476123456789') }
const USER_KEY = 'user/test@example.com'

const idAndRng = (id: string, rng: string): Row => ({ id: s(id), rng: s(rng) })
const row = (typ: string, id: string, rng: string, more: Row): Row => ({
  ...idAndRng(id, rng),
  typ: s(typ),
  v: VERSION,
  ...more,
})
const user = row('user', USER_KEY, 'user', { ...USER, createdAt: NOW })
const userOrganisation = (id: string, name: string, acceptedAt: Attribute): Row =>
  row('userOrganisation', USER_KEY, `userOrganisation/${id}`, {
    email: USER.email,
    organisationId: s(id),
    organisationName: s(name),
    invitedAt: NOW,
    acceptedAt,
  })
const groupMember = (id: string, groups: Attribute): Row =>
  row('organisationGroupMember', `organisation/${id}`, `organisationGroupMember/${USER.email.S}`, {
    ...USER,
    organisationId: s(id),
    createdAt: NOW,
    groups,
  })

const put = (Item: Row) => ({ PutRequest: { Item } })
const remove = (Key: Row) => ({ DeleteRequest: { Key } })
const batch = (...requests: object[]) => ask('BatchWriteItem', { RequestItems: { [TABLE]: requests } })
const PENDING = { NULL: true }
/** An empty Go `map`: the conversion of a set of groups results in this. */
const LOST = { M: {} }

const invite = (id: string, name: string) => batch(put(groupMember(id, LOST)), put(userOrganisation(id, name, PENDING)))

/** All rows of a partition, read page by page. */
async function details(id: string): Promise<Row[]> {
  const rows: Row[] = []
  let after: unknown
  do {
    const page = await ask('Query', {
      TableName: TABLE,
      ConsistentRead: true,
      KeyConditionExpression: '#0 = :0',
      ExpressionAttributeNames: { '#0': 'id' },
      ExpressionAttributeValues: { ':0': s(id) },
      ...(after !== undefined && { ExclusiveStartKey: after }),
    })
    rows.push(...(page.Items as Row[]))
    after = page.LastEvaluatedKey
  } while (after !== undefined)
  return rows
}

beforeAll(async () => {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' })
  await ask('CreateTable', {
    TableName: TABLE,
    AttributeDefinitions: [attribute('id'), attribute('rng')],
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'rng', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  })
})

describe('a user', () => {
  it('a user is written and read back unchanged', async () => {
    await ask('PutItem', { TableName: TABLE, Item: user })
    const got = await ask('GetItem', { TableName: TABLE, Key: idAndRng(USER_KEY, 'user'), ConsistentRead: true })
    expect(got).toEqual({ Item: user })
  })

  it('a user is invited to three organisations, ignores one, accepts one and rejects one', async () => {
    for (const [id, name] of [
      ['orgA', 'A'],
      ['orgB', 'B'],
      ['orgC', 'C'],
    ] as const) {
      expect(await invite(id, name)).toEqual({ UnprocessedItems: {} })
    }
    await ask('UpdateItem', {
      TableName: TABLE,
      Key: idAndRng(USER_KEY, 'userOrganisation/orgB'),
      UpdateExpression: 'SET #0 = :0\n',
      ExpressionAttributeNames: { '#0': 'acceptedAt' },
      ExpressionAttributeValues: { ':0': NOW },
    })
    await batch(
      remove(idAndRng('organisation/orgC', `organisationGroupMember/${USER.email.S}`)),
      remove(idAndRng(USER_KEY, 'userOrganisation/orgC')),
    )
    expect(await details(USER_KEY)).toEqual([
      user,
      userOrganisation('orgA', 'A', PENDING),
      userOrganisation('orgB', 'B', NOW),
    ])
  })

  it('an invitation that is rejected with the range key of the documentation is kept', async () => {
    await invite('orgD', 'D')
    await batch(
      remove(idAndRng('organisation/orgD', `organisationGroupMember/${USER.email.S}`)),
      remove(idAndRng(USER_KEY, 'organisation')),
    )
    expect(await details('organisation/orgD')).toEqual([])
    expect((await details(USER_KEY)).map(({ rng }) => rng?.S)).toContain('userOrganisation/orgD')
  })
})

describe('an organisation', () => {
  const organisation = row('organisation', 'organisation/orgE', 'organisation', {
    organisationId: s('orgE'),
    organisationName: s('E'),
  })
  const OWNER = { SS: ['organisationGroup/owner'] }
  const create = (guard: object = {}) =>
    ask('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: TABLE, Item: organisation, ...guard } },
        { Put: { TableName: TABLE, Item: groupMember('orgE', OWNER) } },
        { Put: { TableName: TABLE, Item: userOrganisation('orgE', 'E', NOW) } },
      ],
    })

  it('an organisation is created with its owner in one transaction', async () => {
    expect(await create()).toEqual({})
    expect(await details('organisation/orgE')).toEqual([organisation, groupMember('orgE', OWNER)])
  })

  it('an organisation is overwritten if the program does not send its condition', async () => {
    expect(await create()).toEqual({})
  })

  it('an organisation is not overwritten if the condition is sent', async () => {
    const guard = {
      ConditionExpression: '(attribute_not_exists (#0)) AND (attribute_not_exists (#1))',
      ExpressionAttributeNames: { '#0': 'id', '#1': 'rng' },
    }
    await expect(create(guard)).rejects.toThrow(
      'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None, None]',
    )
  })

  const groups = (groupSet: Attribute, organisationId = 'orgE') => ({
    TableName: TABLE,
    Key: idAndRng(`organisation/${organisationId}`, `organisationGroupMember/${USER.email.S}`),
    ExpressionAttributeValues: { ':0': groupSet },
    ExpressionAttributeNames: { '#0': 'groups' },
  })

  it('a member gets groups of the organisation and of its services', async () => {
    const added = { SS: ['organisationGroup/other', 'serviceGroup/350fa9b2/service_group1'] }
    await ask('UpdateItem', {
      ...groups(added),
      ExpressionAttributeNames: {
        '#0': 'groups',
        '#1': 'typ',
        '#2': 'v',
        '#3': 'organisationId',
        '#4': 'email',
        '#5': 'firstName',
        '#6': 'lastName',
        '#7': 'phone',
        '#8': 'createdAt',
      },
      ExpressionAttributeValues: {
        ':0': added,
        ':1': s('organisationGroupMember'),
        ':2': VERSION,
        ':3': s('orgE'),
        ':4': USER.email,
        ':5': USER.firstName,
        ':6': USER.lastName,
        ':7': USER.phone,
        ':8': NOW,
      },
      UpdateExpression: 'ADD #0 :0\nSET #1 = :1, #2 = :2, #3 = :3, #4 = :4, #5 = :5, #6 = :6, #7 = :7, #8 = :8\n',
    })
    const [, member] = await details('organisation/orgE')
    expect(new Set(member?.groups?.SS as string[])).toEqual(new Set([...OWNER.SS, ...added.SS]))
  })

  it('groups are removed from a member, and the attribute is removed with the last of them', async () => {
    const taken = {
      SS: ['organisationGroup/other', 'organisationGroup/unknown', 'serviceGroup/350fa9b2/service_group1'],
    }
    await ask('UpdateItem', { ...groups(taken), UpdateExpression: 'DELETE #0 :0\n' })
    expect((await details('organisation/orgE'))[1]).toMatchObject({ groups: OWNER })
    await ask('UpdateItem', { ...groups(OWNER), UpdateExpression: 'DELETE #0 :0\n' })
    expect((await details('organisation/orgE'))[1]).not.toHaveProperty('groups')
  })

  it('an empty set of groups is refused, and so are groups for a member whose set an invitation overwrote', async () => {
    await expect(ask('UpdateItem', { ...groups({ SS: [] }), UpdateExpression: 'ADD #0 :0\n' })).rejects.toThrow(
      'One or more parameter values were invalid: An string set  may not be empty',
    )
    const update = { ...groups({ SS: ['organisationGroup/other'] }, 'orgA'), UpdateExpression: 'ADD #0 :0\n' }
    await expect(ask('UpdateItem', update)).rejects.toThrow(
      'An operand in the update expression has an incorrect data type',
    )
  })

  it('a member is removed from the organisation', async () => {
    const Key = idAndRng('organisation/orgE', `organisationGroupMember/${USER.email.S}`)
    expect(await ask('DeleteItem', { TableName: TABLE, Key })).toEqual({})
    expect(await details('organisation/orgE')).toEqual([organisation])
  })
})

it('a deleted table is not found', async () => {
  const { TableDescription } = await ask('DeleteTable', { TableName: TABLE })
  expect(TableDescription).toMatchObject({ TableName: TABLE, TableStatus: 'DELETING' })
  await expect(details(USER_KEY)).rejects.toThrow('ResourceNotFoundException')
})
