/** The commands of tenants. Each runs on a database and on the world, with the same expected result. */
import { expect } from 'vitest'
import type { ErrorCode } from '../../../packages/partita/src/errors/errors.js'
import { add } from '../../../packages/partita/src/model/index.js'
import { ending } from '../ending.js'
import type { Tenants } from './models.js'
import { byBytes, idOf, type PersonRow, type World } from './world.js'

/** Runs on the database and on the world, and compares the results. The numbers choose ids and values. */
type Command = (db: Tenants, world: World, a: number, b: number, c: number) => Promise<void>

export const plain = (row: object | undefined) => row && { ...row }
const plainAll = (rows: readonly (object | undefined)[]) => rows.map(plain)

async function endsAs(call: Promise<object | undefined>, expected: unknown): Promise<void> {
  const ended = await ending(call)
  expect('error' in ended ? ended.error.code : plain(ended.value)).toEqual(expected)
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

function personOf(a: number, b: number, c: number): PersonRow {
  return { personId: idOf(a), email: idOf(b), points: c, ...(c % 4 && { team: idOf(c) }) }
}

export const commands: Record<string, Command> = {
  async create(db, world, a, b, c) {
    const row = personOf(a, b, c)
    await endsAs(db.Person.create(row), world.write(row, 'new'))
  },
  async put(db, world, a, b, c) {
    const row = personOf(a, b, c)
    await endsAs(db.Person.put(row), world.write(row, 'any'))
  },
  async update(db, world, a, b, c) {
    const before = world.people.get(idOf(a)) ?? personOf(a, b, 0)
    const { team: _, ...rest } = before
    const after = { ...rest, email: idOf(b), points: before.points + 1, ...(c % 3 && { team: idOf(c) }) }
    const changes = { email: idOf(b), points: add(1), team: c % 3 ? idOf(c) : null }
    await endsAs(db.Person.update({ personId: idOf(a) }, changes), world.write(after, 'there'))
  },
  async updateIf(db, world, a, b, c) {
    const before = world.people.get(idOf(a))
    const call = db.Person.update({ personId: idOf(a) }, { points: c }, { if: { email: idOf(b) } })
    if (!before) return endsAs(call, 'NotFound')
    await endsAs(call, before.email === idOf(b) ? world.write({ ...before, points: c }, 'there') : 'ConditionFailed')
  },
  async save(db, world, a, b, c) {
    const record = await db.Person.get({ personId: idOf(a) })
    const before = world.people.get(idOf(a))
    expect(plain(record)).toEqual(before)
    if (!record || !before) return
    record.email = idOf(b)
    record.team = idOf(c)
    record.points += 2
    const after = { ...before, email: idOf(b), team: idOf(c), points: before.points + 2 }
    await endsAs(record.save(), world.write(after, 'there'))
    if (world.people.get(idOf(a)) === after) expect(plain(await record.reload())).toEqual(after)
  },
  async delete(db, world, a) {
    const before = world.people.get(idOf(a))
    world.people.delete(idOf(a))
    await endsAs(db.Person.delete({ personId: idOf(a) }), before)
  },
  async get(db, world, a, b) {
    await endsAs(db.Person.get({ personId: idOf(a) }, { consistent: b % 2 === 0 }), world.people.get(idOf(a)))
  },
  async getMany(db, world, a, b, c) {
    const wanted = [a, b, c, a].map(idOf)
    const rows = await db.Person.getMany(wanted.map(personId => ({ personId })))
    expect(plainAll(rows)).toEqual(wanted.map(it => world.people.get(it)))
  },
  async findBy(db, world, a) {
    await endsAs(db.Person.findBy({ email: idOf(a) }), world.holder(idOf(a)))
  },
  async queryIndex(db, world, a, b) {
    const team = idOf(a)
    const rows = world.team(team)
    expect(plainAll(await db.Person.query.byTeam({ team }).all())).toEqual(rows)
    expect(await db.Person.query.byTeam({ team }).count()).toBe(rows.length)
    const begins = db.Person.query.byTeam({ team, personId: { $gte: idOf(b) } }, { order: 'desc' })
    expect(plainAll(await begins.all())).toEqual(rows.filter(it => byBytes(it.personId, idOf(b)) >= 0).reverse())
  },
  async page(db, world, a, b) {
    const team = idOf(a)
    const found: unknown[] = []
    let after: string | undefined
    do {
      const page = await db.Person.query.byTeam({ team }, { limit: 1 + (b % 2), after }).page()
      found.push(...plainAll(page.items))
      after = page.cursor
    } while (after !== undefined)
    expect(found).toEqual(world.team(team))
  },
  async post(db, world, a, b, c) {
    const post = { board: idOf(a), postId: idOf(b), personId: idOf(c), text: `${a} ${b} ${c}` }
    const key = `${idOf(a)}\n${idOf(b)}`
    const isNew = !world.posts.has(key)
    if (isNew) world.posts.set(key, post)
    await endsAs(db.Post.create(post), isNew ? post : 'AlreadyExists')
  },
  async batch(db, world, a, b, c) {
    const post = { board: idOf(a), postId: idOf(b), personId: idOf(c), text: 'batch' }
    await db.batch(batch => {
      batch.Post.put(post)
      batch.Post.delete({ board: idOf(b), postId: idOf(c) })
      batch.Board.put({ board: idOf(c), title: `${a}` })
    })
    world.posts.delete(`${idOf(b)}\n${idOf(c)}`)
    // The last of two writes to one row wins.
    if (idOf(a) !== idOf(b) || idOf(b) !== idOf(c)) world.posts.set(`${idOf(a)}\n${idOf(b)}`, post)
    world.boards.set(idOf(c), `${a}`)
  },
  async queryKey(db, world, a, b) {
    const board = idOf(a)
    const posts = world.board(board)
    expect(plainAll(await db.Post.query.key({ board }, { consistent: true }).all())).toEqual(posts)
    const prefix = idOf(b)
    const some = await collect(db.Post.query.key({ board, postId: { $beginsWith: prefix } }))
    expect(plainAll(some)).toEqual(posts.filter(it => it.postId.startsWith(prefix)))
    expect(plain(await db.Post.query.key({ board }, { order: 'desc' }).first())).toEqual(posts.at(-1))
  },
  async collection(db, world, a) {
    const details = await db.BoardDetails.get({ board: idOf(a) })
    const title = world.boards.get(idOf(a))
    if (title === undefined) return expect(details).toBeUndefined()
    expect(plain(details?.board)).toEqual({ board: idOf(a), title })
    expect(plainAll(details?.posts ?? [])).toEqual(world.board(idOf(a)))
  },
  async one(db, world, a, b) {
    const post = await db.Post.get({ board: idOf(a), postId: idOf(b) })
    const expected = world.posts.get(`${idOf(a)}\n${idOf(b)}`)
    expect(plain(post)).toEqual(expected)
    if (post) expect(plain(await post.author())).toEqual(world.people.get(post.personId))
  },
  async withOne(db, world, a) {
    const posts = await db.Post.query.key({ board: idOf(a) }, { with: { author: true } }).all()
    expect(posts.map(it => it.text)).toEqual(world.board(idOf(a)).map(it => it.text))
    for (const post of posts) expect(plain(post.author)).toEqual(world.people.get(post.personId))
  },
  async many(db, world, a) {
    const person = await db.Person.get({ personId: idOf(a) })
    if (person) expect(plainAll(await person.posts().all())).toEqual(world.postsOf(idOf(a)))
  },
  async tag(db, world, a, b, c) {
    const [personId, tagId] = [idOf(a), idOf(b)]
    await db.Tag.put({ tagId, label: `${c}` })
    await db.Tagging.put({ personId, tagId })
    world.tags.set(tagId, `${c}`)
    world.taggings.set(`${personId}\n${tagId}`, [personId, tagId])
  },
  async untag(db, world, a, b) {
    const isTagged = world.taggings.delete(`${idOf(a)}\n${idOf(b)}`)
    const expected = isTagged ? { personId: idOf(a), tagId: idOf(b) } : undefined
    await endsAs(db.Tagging.delete({ personId: idOf(a), tagId: idOf(b) }), expected)
  },
  async through(db, world, a) {
    const person = await db.Person.get({ personId: idOf(a) })
    if (!person) return
    const tags = await person.tags().all()
    expect(tags.map(it => it.tagId)).toEqual(world.tagsOf(idOf(a)))
    expect(tags.map(it => it.label)).toEqual(world.tagsOf(idOf(a)).map(it => world.tags.get(it)))
  },
  async withMany(db, world, a, b) {
    const keys = [{ personId: idOf(a) }, { personId: idOf(b) }]
    const people = await db.Person.getMany(keys, { with: { posts: { with: { author: true } }, tags: true } })
    for (const [i, person] of people.entries()) {
      const id = idOf(i === 0 ? a : b)
      expect(person?.email).toEqual(world.people.get(id)?.email)
      if (!person) continue
      expect(person.posts.map(it => it.text)).toEqual(world.postsOf(id).map(it => it.text))
      for (const post of person.posts) expect(post.author?.email).toBe(person.email)
      expect(person.tags.map(it => it.tagId)).toEqual(world.tagsOf(id))
    }
  },
  async all(db, world, a) {
    const people = await collect(db.Person.iterate({ batchSize: 1 + (a % 3), parallel: 4 }))
    const rows = people.sort((one, other) => byBytes(one.personId, other.personId))
    expect(plainAll(rows)).toEqual(
      [...world.people.values()].sort((one, other) => byBytes(one.personId, other.personId)),
    )
  },
  async walk(db, world, a) {
    const found: string[] = []
    let after: string | undefined
    do {
      // A new iteration for each batch, which continues from the previous cursor.
      let cursor: string | undefined
      for await (const batch of db.Post.iterate({ batchSize: 1 + (a % 2), after }).batches()) {
        found.push(...batch.items.map(it => `${it.board}\n${it.postId}`))
        cursor = batch.cursor
        break
      }
      after = cursor
    } while (after !== undefined)
    expect(found.sort()).toEqual([...world.posts.keys()].sort())
  },
  async transaction(db, world, a, b, c) {
    const before = new Map(world.people)
    const [mine, theirs] = [idOf(a), idOf(b)]
    const one = world.people.get(mine)
    const other = world.people.get(theirs)
    let expected: PersonRow | ErrorCode
    if (one && other && mine !== theirs) {
      world.people.delete(theirs)
      // The value is free at the end of the transaction, which deletes its holder.
      expected = world.write({ ...one, email: other.email, points: one.points + 1 }, 'there')
    } else {
      const row = personOf(one ? b : a, c, c)
      expected = world.write(row, 'new')
    }
    const call = db.transaction(async tx => {
      const [mineRead, theirsRead] = [
        await tx.Person.get({ personId: mine }),
        await tx.Person.get({ personId: theirs }),
      ]
      expect([plain(mineRead), plain(theirsRead)]).toEqual([one, other])
      expect(plain(await tx.Person.findBy({ email: idOf(c) }))).toEqual(
        [...before.values()].find(it => it.email === idOf(c)),
      )
      if (mineRead && theirsRead && mine !== theirs) {
        await tx.Person.delete({ personId: theirs })
        return tx.Person.update({ personId: mine }, { email: theirsRead.email, points: add(1) })
      }
      return tx.Person.create(personOf(mineRead ? b : a, c, c))
    })
    await endsAs(call, expected)
    if (typeof expected === 'string') world.people = before
  },
}
