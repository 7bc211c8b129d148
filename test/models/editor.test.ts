/** Hovers and mistakes in an editor: the types of a database, and the positions of mistakes. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Editor, openProgram } from './language-service.js'

/** The maximum length of a hover in characters, including line breaks and indentation. */
const LONGEST = 400

const MODELS = `
import { connect, f, many, model, one } from 'partita'

const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    name: f.string().min(1),
    email: f.email(),
    role: f.enum('admin', 'member').default('member'),
    balance: f.decimal().default('0'),
    bio: f.string().optional(),
    address: f.map({ city: f.string(), zip: f.string().optional() }).optional(),
    tags: f.set(f.string()),
    createdAt: f.createdAt(),
    orderCount: f.counter(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: ['email'] },
  indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{createdAt}' } },
  relations: { orders: many('Order', 'byUser') },
})
const Order = model('Order', {
  fields: {
    orderId: f.ulid().auto(),
    userId: f.ref('User'),
    total: f.decimal(),
    placedAt: f.createdAt(),
    version: f.version(),
  },
  key: { pk: 'ORDER#{orderId}' },
  indexes: { byUser: { on: 'gsi1', pk: 'USER#{userId}', sk: 'ORDER#{placedAt}' } },
  relations: { user: one('User', 'userId') },
})
interface App {
  User: typeof User
  Order: typeof Order
}
`

const USES = `
db./*repository*/User
const user = await db.User.create({ name: 'Ada', email: 'ada@example.com', tags: [] })
/*user*/user
user./*decimal*/balance
const /*order*/order = await db.Order.get({ orderId: 'x' })
const /*selected*/selected = await db.Order.get({ orderId: 'x' }, { select: ['total'] })
const /*query*/query = db.User.query.byRole({ role: 'member' })
const /*page*/page = await query.page()
for await (const /*iterated*/iterated of db.Order.iterate()) iterated.total
await db.transaction(async /*transaction*/tx => tx.User.get({ userId: 'x' }))
`

describe('with the models named by an interface', () => {
  let editor: Editor
  beforeAll(() => {
    editor = openProgram(`${MODELS}const /*db*/db = await connect<App>({ models: { User, Order } })\n${USES}`)
  })

  it('the program has no mistakes', () => {
    expect(editor.mistakes()).toEqual([])
  })

  it.each(['db', 'repository', 'user', 'order', 'selected', 'query', 'page', 'iterated', 'transaction'])(
    `the hover of %s has fewer than ${LONGEST} characters and elides nothing`,
    label => {
      const hover = editor.hover(label)
      expect(hover.length, hover).toBeLessThan(LONGEST)
      expect(hover).not.toContain('...')
    },
  )

  it('a database and a repository are shown by the name of that interface', () => {
    expect(editor.hover('db')).toBe('const db: Database<App, Readonly<Record<never, never>>>')
    expect(editor.hover('repository')).toBe('(property) User: Repository<App, "User">')
    expect(editor.hover('transaction')).toBe('(parameter) tx: Transaction<App>')
  })

  it('a record is shown as its fields with the types that a program reads', () => {
    expect(editor.hover('user')).toBe(`const user: {
    userId: string;
    name: string;
    email: string;
    role: "admin" | "member";
    balance: Decimal;
    bio: string | undefined;
    address: {
        city: string;
        zip: string | undefined;
    } | undefined;
    tags: Set<string>;
    createdAt: Date;
    orderCount: number;
} & RelationMethods<NoInfer<App>, "User"> & RecordMethods<NoInfer<App>, "User">`)
    expect(editor.hover('decimal')).toBe('(property) balance: Decimal')
    for (const label of ['order', 'iterated', 'selected']) expect(editor.hover(label)).toContain('total: Decimal;')
    for (const label of ['query', 'page']) expect(editor.hover(label)).toContain('balance: Decimal;')
  })
})

/**
 * An object literal has no name, so the compiler prints it completely, up to its own limit. A declaration cannot hide a
 * type argument, because the same printer writes the declaration files of programs, which need it.
 */
describe('with the models in an object literal', () => {
  let editor: Editor
  beforeAll(() => {
    editor = openProgram(`${MODELS}const /*db*/db = await connect({ models: { User, Order } })\n${USES}`)
  })

  it.each(['user', 'order', 'query', 'page', 'iterated'])('the hover of %s begins with readable fields', label => {
    const hover = editor.hover(label)
    const fields = hover.slice(0, hover.indexOf('& RelationMethods'))
    expect(fields).toMatch(/\b(total|balance): Decimal;/)
    expect(fields).not.toMatch(/Field<|\.\.\./)
    expect(fields.length, fields).toBeLessThan(LONGEST)
  })

  it('the hover of a selection is short', () => {
    expect(editor.hover('selected').length).toBeLessThan(LONGEST)
  })

  it('the hover of a database begins with its name', () => {
    expect(editor.hover('db')).toMatch(/^const db: Database<\{\s+readonly User: Model<"User", /)
    expect(editor.hover('repository')).toMatch(/^\(property\) User: Repository<\{/)
  })
})

/** Each call with the text that must be underlined, and a part of the message. */
const MISTAKES: readonly (readonly [call: string, at: string, message: string])[] = [
  [`db.User.get({ userId: 'x' }, { consitent: true })`, 'consitent', "Did you mean to write 'consistent'?"],
  [`db.User.get({ userId: 'x' }, { consistent: 1 })`, 'consistent', "'number' is not assignable to type 'boolean"],
  [`db.User.get({ userId: 'x' }, { select: ['nme'] })`, "'nme'", `Did you mean '"name"'?`],
  [`db.User.get({ userId: 'x' }, { select: ['name'], consitent: true })`, 'consitent', "to write 'consistent'?"],
  [`db.User.get({ userId: 'x' }, { with: { order: true } })`, 'order', "Did you mean to write 'orders'?"],
  [`db.User.get({ userId: 'x' }, { with: { orders: { limt: 4 } } })`, 'limt', "Did you mean to write 'limit'?"],
  [`db.User.get({ userId: 'x' }, { with: { orders: { limit: '4' } } })`, 'limit', "'string' is not assignable to"],
  [`db.User.get({ userid: 'x' })`, 'userid', "does not exist in type '{ readonly userId: string; }'"],
  [`db.User.getMany([{ userId: 'x' }], { consitent: true })`, 'consitent', "Did you mean to write 'consistent'?"],
  [`db.User.findBy({ email: 'x' }, { consitent: true })`, 'consitent', "Did you mean to write 'consistent'?"],
  [`db.User.findBy({ mail: 'x' })`, 'mail', "Did you mean to write 'email'?"],
  [`db.User.query.byRole({ role: 'member' }, { limti: 5 })`, 'limti', "Did you mean to write 'limit'?"],
  [`db.User.query.byRole({ role: 'member' }, { limit: '5' })`, 'limit', "'string' is not assignable to type 'number'"],
  [`db.User.query.byRole({ role: 'member' }, { order: 'ASC' })`, 'order', `Did you mean '"asc"'?`],
  [`db.User.query.byRole({ role: 'member' }, { where: { nme: 'x' } })`, 'nme', "Did you mean to write 'name'?"],
  [`db.User.query.byRole({ role: 'member' }, { where: { role: 'x' } })`, 'role', `'"x"' is not assignable`],
  [`db.User.query.byRole({ role: 'member' }, { where: { name: { $like: 'x' } } })`, '$like', "'Operators<string>'"],
  [`db.User.query.byRole({ role: 'member' }, { select: ['nme'] })`, "'nme'", `Did you mean '"name"'?`],
  [`db.User.query.byRole({ role: 'member' }, { select: ['name'], limti: 4 })`, 'limti', "to write 'limit'?"],
  [
    `db.User.query.byRole({ role: 'member' }, { with: { orders: { order: 'ASC' } } })`,
    'order',
    `Did you mean '"asc"'?`,
  ],
  [`db.User.query.byRole({ role: 'member' }, { with: { ordrs: true } })`, 'ordrs', "Did you mean to write 'orders'?"],
  [`db.User.query.byRole({ role: 'owner' })`, 'role', `'"owner"' is not assignable to type '"admin" | "member"'`],
  [`db.User.query.byRole({ rol: 'member' })`, 'rol', "Did you mean to write 'role'?"],
  [`db.User.query.byRole({ role: 'member', createdAt: 5 })`, 'createdAt', "'number' is not assignable to type 'Date"],
]

describe.each([
  ['an object literal', 'connect'],
  ['an interface', 'connect<App>'],
])('with the models in %s', (_, connect) => {
  it('each mistake in a read is reported once, at the wrong option, and not for a list of overloads (TS2769)', () => {
    const calls = MISTAKES.map(([call]) => call).join('\n')
    const found = openProgram(`${MODELS}const db = await ${connect}({ models: { User, Order } })\n${calls}`).mistakes()
    expect(found.map(({ at }) => at)).toEqual(MISTAKES.map(([, at]) => at))
    found.forEach(({ code, message }, i) => {
      expect(code).not.toBe(2769)
      expect(message).toContain(MISTAKES[i]?.[2])
    })
  })
})
