/** A program that makes stores wait in every way: for commits, for the event loop, for batches and for the sweep. */
import { add, connect, f, model } from 'partita'
import { embedded, memory } from 'partita/embedded'

const User = model('User', {
  fields: { userId: f.ulid().auto(), email: f.email(), visits: f.counter(), until: f.ttl().optional() },
  key: 'userId',
  unique: { email: ['email'] },
})

export interface Answer {
  /** The number of rows that an iteration returned, and the counter of one row, read twice in one batch. */
  readonly seen: number
  readonly visits: readonly (number | undefined)[]
  /** Whether a row is hidden, and deleted by a sweep, after its time to live. */
  readonly isExpired: boolean
  readonly isDeleted: boolean
}

/**
 * Runs the program on each of two stores. The result must not depend on fake timers.
 * @param folder the folder of the store on disk.
 * @param setDate sets `Date` to a time in epoch milliseconds; timers need not follow.
 */
export async function exercise(folder: string, setDate: (at: number) => void): Promise<Answer[]> {
  const start = Date.now()
  const answers: Answer[] = []
  for (const store of [memory(), embedded({ path: folder })]) {
    const db = await connect({ models: { User }, store })
    const { userId } = await db.User.create({ email: 'ada@example.com', until: new Date(start + 60_000) })
    await db.transaction(async tx => {
      await tx.User.get({ userId })
      await tx.User.update({ userId }, { visits: add(1) })
    })
    await Promise.all(Array.from({ length: 200 }, (_, n) => db.User.create({ email: `${n}@example.com` })))
    let seen = 0
    for await (const _ of db.User.iterate()) seen++
    const twice = await db.run({ loader: true }, () =>
      Promise.all([db.User.get({ userId }), db.User.get({ userId }, { consistent: true })]),
    )
    setDate(start + 120_000)
    const isExpired = (await db.User.get({ userId })) === undefined
    const isDeleted = (await store.sweep()) > 0
    setDate(start)
    await db.close()
    answers.push({ seen, visits: twice.map(user => user?.visits), isExpired, isDeleted })
  }
  return answers
}

export const EXPECTED: Answer = { seen: 201, visits: [1, 1], isExpired: true, isDeleted: true }
