import type { OperationEvent } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../test/stores.js'
import { openSaas, type Saas } from './database.js'
import { callsOf, makeMeter } from './meter.js'
import { makeHandler } from './requests.js'
import { IDLE, signIn, signOut, useSession } from './sessions.js'
import { tell } from './story.js'
import { addTask, board } from './tasks.js'

describeEachStore('the SaaS example', tested => {
  const time = { now: Date.now() }
  const clock = () => time.now
  let db: Saas
  let tenants = 0

  const tenant = (name = 'tenant') => `${name}-${++tenants}`
  /** A tenant with one user who is signed in. */
  const settled = async (name?: string) => {
    const its = tenant(name)
    const token = await db.run({ tenant: its }, async () => {
      await db.User.create({ name: 'Ada', email: 'ada@example.com' })
      return signIn(db, clock, 'ada@example.com')
    })
    return { tenant: its, token }
  }

  beforeAll(async () => {
    db = await openSaas({ store: tested.store, table: tested.tableName(), clock })
  })

  it('the program prints its story', async () => {
    const lines: string[] = []
    const mine = await openSaas({ store: tested.store, table: tested.tableName(), clock })
    await tell(mine, time, line => lines.push(line))
    await mine.close()
    const usage = lines.splice(-2)
    expect(lines).toEqual([
      'acme and globex have users of the same e-mail addresses.',
      ...['acme', 'globex'].flatMap(its => [
        `Ada of ${its} sees:`,
        ...['Ada', 'Bob', 'Cyd', 'Dot'].map(name => `  Task of ${name}, by ${name} of ${its}`),
        '  (read by query and batchGet)',
      ]),
      'After 24 minutes Bob is signed in.',
      'After 48 minutes Bob is signed in.',
      'After 72 minutes Bob is signed in.',
      'After half an hour of nothing he is signed out.',
      'His token was free again: he has signed in with the same.',
    ])
    for (const [i, its] of ['acme', 'globex'].entries()) {
      expect(usage[i]).toMatch(
        new RegExp(`^${its} made \\d+ calls, of [1-9][\\d.]* read units and [1-9]\\d* write units\\.$`),
      )
    }
  })

  it('each tenant can have the same e-mail address once', async () => {
    const [a, b] = [tenant(), tenant()]
    for (const its of [a, b]) await db.run({ tenant: its }, scope => scope.User.create({ name: its, email: 'x@x.org' }))
    await expect(
      db.run({ tenant: a }, scope => scope.User.create({ name: 'Again', email: 'X@x.org' })),
    ).rejects.toMatchObject({ code: 'UniqueViolation' })
    const names = await Promise.all(
      [a, b].map(its => db.run({ tenant: its }, async scope => (await scope.User.findBy({ email: 'x@x.org' }))?.name)),
    )
    expect(names).toEqual([a, b])
  })

  it('a row of another tenant is never returned, by key, index, constraint or iteration', async () => {
    const [a, b] = [tenant(), tenant()]
    const { user, task } = await db.run({ tenant: a }, async scope => {
      const made = await scope.User.create({ name: 'Ada', email: 'secret@example.com' })
      return { user: made, task: await addTask(db, made.userId, 'Secret') }
    })
    await db.run({ tenant: b }, async scope => {
      expect(await scope.User.get({ userId: user.userId })).toBeUndefined()
      expect(await scope.Task.getMany([{ taskId: task.taskId }])).toEqual([undefined])
      expect(await scope.User.findBy({ email: 'secret@example.com' })).toBeUndefined()
      expect(await board(db)).toEqual([])
      for await (const row of scope.User.iterate()) expect(row).toBeUndefined()
      await expect(scope.User.update({ userId: user.userId }, { name: 'Mine' })).rejects.toMatchObject({
        code: 'NotFound',
      })
      expect(await scope.User.delete({ userId: user.userId })).toBeUndefined()
    })
    await db.run({ tenant: a }, async scope => {
      expect(await scope.User.get({ userId: user.userId })).toMatchObject({ name: 'Ada' })
      const names = []
      for await (const { name } of scope.User.iterate()) names.push(name)
      expect(names).toEqual(['Ada'])
    })
  })

  it('tenants whose names look like parts of keys are isolated', async () => {
    const tricky = [tenant('a'), `${tenant('a')}#USER`, `${tenant('a')}%23USER`, `T#${tenant('a')}`]
    for (const its of tricky) await db.run({ tenant: its }, scope => scope.User.create({ name: its, email: 'a@a.org' }))
    for (const its of tricky) {
      const users: string[] = []
      await db.run({ tenant: its }, async scope => {
        for await (const { name } of scope.User.iterate()) users.push(name)
      })
      expect(users).toEqual([its])
    }
  })

  it('every call without a tenant is refused', async () => {
    const outside = expect.objectContaining({ code: 'TenantRequired' })
    await expect(db.User.create({ name: 'Nobody', email: 'n@n.org' })).rejects.toEqual(outside)
    await expect(db.User.get({ userId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })).rejects.toEqual(outside)
    await expect(db.run({ actor: 'somebody' }, () => board(db))).rejects.toEqual(outside)
    await expect(db.transaction(tx => tx.User.create({ name: 'N', email: 'n@n.org' }))).rejects.toEqual(outside)
    await expect(
      db.batch(batch => batch.Task.put({ title: 'T', ownerId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })),
    ).rejects.toEqual(outside)
  })

  it('concurrent requests are answered, each for its own tenant', async () => {
    const handle = makeHandler(db, clock)
    const requests = [await settled(), await settled(), await settled()]
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const request = requests[i % 3] as { tenant: string; token: string }
        return handle(request, async user => {
          await addTask(db, user.userId, `Task of ${request.tenant}`)
          const titles = (await board(db)).map(({ title }) => title)
          return titles.every(title => title === `Task of ${request.tenant}`)
        })
      }),
    )
    expect(answers).toEqual(Array.from({ length: 12 }, () => true))
  })

  it('a token of another tenant is refused', async () => {
    const handle = makeHandler(db, clock)
    const [a, b] = [await settled(), await settled()]
    expect(await handle({ tenant: b.tenant, token: a.token }, async () => 'in')).toBe('signed out')
    expect(await handle(a, async ({ email }) => email)).toBe('ada@example.com')
  })

  it('a session lasts while it is used, and not a second longer', async () => {
    const { tenant: its, token } = await settled()
    await db.run({ tenant: its }, async () => {
      for (let i = 0; i < 4; i++) {
        time.now += IDLE - 2000
        expect(await useSession(db, clock, token)).toBeDefined()
      }
      time.now += IDLE
      expect(await useSession(db, clock, token)).toBeUndefined()
      expect(await db.Session.findBy({ token })).toBeUndefined()
    })
  })

  it('a new session can use the token of an expired session, but not of an active one', async () => {
    const { tenant: its, token } = await settled()
    await db.run({ tenant: its }, async () => {
      await expect(signIn(db, clock, 'ada@example.com', token)).rejects.toMatchObject({ code: 'UniqueViolation' })
      // The unique marker expires with the session, which was extended.
      time.now += IDLE - 2000
      await useSession(db, clock, token)
      time.now += IDLE - 2000
      await expect(signIn(db, clock, 'ada@example.com', token)).rejects.toMatchObject({ code: 'UniqueViolation' })
      time.now += 3000
      await signIn(db, clock, 'ada@example.com', token)
      expect(await useSession(db, clock, token)).toBeDefined()
    })
  })

  it('a sign-out ends all sessions of the user', async () => {
    const { tenant: its, token } = await settled()
    await db.run({ tenant: its }, async () => {
      const other = await signIn(db, clock, 'ada@example.com')
      const user = await db.User.findBy({ email: 'ada@example.com' })
      if (user) await signOut(user)
      expect(await useSession(db, clock, token)).toBeUndefined()
      expect(await useSession(db, clock, other)).toBeUndefined()
    })
  })

  it('all owners of a board are read in one batch, each once', async () => {
    const its = tenant()
    await db.run({ tenant: its }, async () => {
      for (let i = 0; i < 30; i++) {
        const { userId } = await db.User.create({ name: `User ${i}`, email: `${i}@example.com` })
        for (const title of ['One', 'Two']) await addTask(db, userId, title)
      }
    })
    const calls = await db.run({ tenant: its, loader: true }, () =>
      callsOf(db, async () => {
        const lines = await board(db)
        expect(lines).toHaveLength(60)
        expect(new Set(lines.map(({ owner }) => owner)).size).toBe(30)
      }),
    )
    expect(calls).toEqual(['query', 'batchGet'])
    const alone = await db.run({ tenant: its }, () => callsOf(db, () => board(db)))
    expect(alone).toHaveLength(61)
  })

  it('the reads of a request are cached, and see its own writes', async () => {
    const { tenant: its } = await settled()
    await db.run({ tenant: its, loader: true }, async () => {
      const { userId } = await db.User.create({ name: 'Before', email: 'before@example.com' })
      await db.User.get({ userId })
      expect(await callsOf(db, () => db.User.get({ userId }))).toEqual([])
      await db.User.update({ userId }, { name: 'After' })
      expect(await db.User.get({ userId })).toMatchObject({ name: 'After' })
    })
  })

  it('the measured usage of each tenant is the sum of its scopes', async () => {
    const [a, b] = [await settled(), await settled()]
    const meter = makeMeter(db)
    const events: OperationEvent[] = []
    const stop = db.on('operation', event => events.push(event))
    const handle = makeHandler(db, clock)
    const used = await Promise.all(
      [a, b].map(({ tenant: its, token }, i) =>
        db.run({ tenant: its }, async scope => {
          for (let n = 0; n <= i; n++) await handle({ tenant: its, token }, ({ userId }) => addTask(db, userId, 'T'))
          return { read: scope.capacity.read, write: scope.capacity.write }
        }),
      ),
    )
    stop()
    meter.stop()
    for (const [i, { tenant: its }] of [a, b].entries()) {
      const calls = events.filter(event => event.tenant === its).length
      expect(meter.usage.get(its)).toEqual({ calls, ...used[i] })
    }
    expect(used[1]?.write).toBeGreaterThan(used[0]?.write ?? Number.NaN)
    expect(new Set(events.map(({ actor }) => actor))).toEqual(new Set([a.token, b.token]))
  })
})
