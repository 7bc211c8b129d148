/** A program that makes stores wait in every way they can: for commits, for their turn, for batches, for upkeep. */
import { add, connect, f, model } from 'partita'
import { embedded, memory } from 'partita/embedded'

const User = model('User', {
  fields: { userId: f.ulid().auto(), email: f.email(), visits: f.counter(), until: f.ttl().optional() },
  key: 'userId',
  unique: { email: ['email'] },
})

export interface Answer {
  /** How many rows were read in one walk, and what of one of them is read twice in one batch. */
  readonly seen: number
  readonly visits: readonly (number | undefined)[]
  /** Whether a row is absent, and deleted by the upkeep, once the date is past its time to live. */
  readonly isExpired: boolean
  readonly isDeleted: boolean
}

/**
 * What is right on each of two stores, whatever a test does with timers.
 * @param folder for a store on disk.
 * @param setDate moves `Date`, in epoch milliseconds; timers need not follow.
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

export const AS_EVER: Answer = { seen: 201, visits: [1, 1], isExpired: true, isDeleted: true }
