/** The services of an organisation, each with its own groups. */
import { removeFrom } from 'partita'
import { CHUNK, chunks } from './copies.js'
import { type Db, found, type ServiceRecord, type Tx } from './database.js'
import type { Grant } from './grant.js'

export interface NewService {
  readonly name: string
  readonly serviceId?: string
}

/** Throws `AlreadyExistsError`, and `NotFoundError` for an unknown organisation. */
export function createService(db: Db, orgId: string, { name, serviceId }: NewService): Promise<ServiceRecord> {
  return db.transaction(async tx => {
    await found(tx.Organisation.get({ orgId }), `organisation ${orgId}`)
    return tx.Service.create({ orgId, name, ...(serviceId !== undefined && { serviceId }) })
  })
}

/** Throws `NotFoundError`. */
export function getService(db: Db, orgId: string, serviceId: string): Promise<ServiceRecord> {
  return found(db.Service.get({ orgId, serviceId }, { consistent: true }), `service ${serviceId}`)
}

/** Saves the changes of a service. Throws `ConflictError` if it changed since it was read. */
export async function putService(service: ServiceRecord): Promise<void> {
  await service.save()
}

/**
 * Deletes a service, then removes its groups from all members. In this order, nobody can be added to a group in the
 * meantime. After an error in between, call it again to remove the rest. Throws `NotFoundError` if there is neither.
 */
export async function deleteService(db: Db, orgId: string, serviceId: string): Promise<void> {
  const deleted = await db.Service.delete({ orgId, serviceId })
  const ofService = (groups: ReadonlySet<Grant>) => [...groups].filter(grant => grant.serviceId === serviceId)
  let holders = 0
  const members = db.Member.query.key({ orgId }, { consistent: true })
  for await (const chunk of chunks(members, CHUNK)) {
    const keys = chunk.filter(({ groups }) => ofService(groups).length > 0).map(({ userId }) => ({ orgId, userId }))
    if (keys.length === 0) continue
    await db.transaction(async tx => {
      // A service with the same id that was created in the meantime keeps its groups.
      if (await tx.Service.get({ orgId, serviceId })) return
      for (const member of await tx.Member.getMany(keys)) {
        await member?.update({ groups: removeFrom(...ofService(member.groups)) })
      }
    })
    holders += keys.length
  }
  if (!deleted && holders === 0) await found(Promise.resolve(undefined), `service ${serviceId}`)
}

/** Throws `NotFoundError` if a service does not exist. The transaction fails if one is deleted before it commits. */
export async function checkServices(tx: Tx, orgId: string, groups: readonly Grant[]): Promise<void> {
  const ids = new Set(groups.flatMap(({ serviceId }) => serviceId ?? []))
  for (const serviceId of ids) await found(tx.Service.get({ orgId, serviceId }), `service ${serviceId}`)
}
