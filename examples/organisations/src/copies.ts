/**
 * Updates copies of data that changes rarely and is read often. Each transaction reads the original and fails if the
 * original changes in the meantime, so no copy keeps the older of two concurrent changes.
 */
import type { Db } from './database.js'

/** Rows of one transaction. DynamoDB allows 100; with fewer rows, conflicts with other writers are rarer. */
export const CHUNK = 25

export async function copyOrganisation(db: Db, orgId: string): Promise<void> {
  const members = db.Member.query.key({ orgId }, { consistent: true, select: ['userId'] })
  for await (const chunk of chunks(members, CHUNK)) {
    await db.transaction(async tx => {
      const organisation = await tx.Organisation.get({ orgId })
      if (!organisation) return
      const mirrors = await tx.UserOrganisation.getMany(chunk.map(({ userId }) => ({ userId, orgId })))
      for (const mirror of mirrors) await mirror?.update({ organisationName: organisation.name })
    })
  }
}

export async function copyUser(db: Db, userId: string): Promise<void> {
  const mirrors = db.UserOrganisation.query.key({ userId }, { consistent: true, select: ['orgId'] })
  for await (const chunk of chunks(mirrors, CHUNK)) {
    await db.transaction(async tx => {
      const user = await tx.User.get({ userId })
      if (!user) return
      const { email, firstName, lastName, phone = null } = user
      const members = await tx.Member.getMany(chunk.map(({ orgId }) => ({ orgId, userId })))
      for (const member of members) await member?.update({ email, firstName, lastName, phone })
    })
  }
}

export async function* chunks<Row>(rows: AsyncIterable<Row>, size: number): AsyncGenerator<Row[]> {
  let chunk: Row[] = []
  for await (const row of rows) {
    chunk.push(row)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
