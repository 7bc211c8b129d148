/**
 * Organisations, their members, and the services that they offer.
 *
 *   a user             USER#{userId}   User
 *   its organisations  USER#{userId}   ORGANISATION#{orgId}     a copy of the organisation's name
 *   an organisation    ORG#{orgId}     Organisation
 *   its members        ORG#{orgId}     MEMBER#{userId}          a copy of the user
 *   its services       ORG#{orgId}     SERVICE#{serviceId}
 *
 * A membership has two rows, one in each partition, so that one query reads each side. Both are written together.
 */
import { randomUUID } from 'node:crypto'
import { f, model } from 'partita'
import { grant } from './grant.js'

export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    email: f.email(),
    firstName: f.string().min(1),
    lastName: f.string().min(1),
    phone: f.string().optional(),
    createdAt: f.createdAt(),
    version: f.version(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: { fields: ['email'], lower: true, trim: true } },
  iterable: false,
})

/** The user's row of a membership. It is an invitation until it is accepted. */
export const UserOrganisation = model('UserOrganisation', {
  fields: {
    userId: f.ref('User'),
    orgId: f.ref('Organisation'),
    organisationName: f.string(),
    invitedAt: f.date(),
    acceptedAt: f.date().optional(),
  },
  key: { pk: 'USER#{userId}', sk: 'ORGANISATION#{orgId}' },
  iterable: false,
})

export const Organisation = model('Organisation', {
  fields: { orgId: f.ulid().auto(), name: f.string().min(1), createdAt: f.createdAt(), version: f.version() },
  key: { pk: 'ORG#{orgId}' },
  iterable: false,
})

/** The organisation's row of a membership. Its groups take effect when the invitation is accepted. */
export const Member = model('Member', {
  fields: {
    orgId: f.ref('Organisation'),
    userId: f.ref('User'),
    email: f.email(),
    firstName: f.string(),
    lastName: f.string(),
    phone: f.string().optional(),
    groups: f.set(grant()),
    invitedAt: f.date(),
    acceptedAt: f.date().optional(),
  },
  key: { pk: 'ORG#{orgId}', sk: 'MEMBER#{userId}' },
  iterable: false,
})

export const Service = model('Service', {
  fields: {
    orgId: f.ref('Organisation'),
    serviceId: f.string().default(randomUUID),
    name: f.string().min(1),
    version: f.version(),
  },
  key: { pk: 'ORG#{orgId}', sk: 'SERVICE#{serviceId}' },
  iterable: false,
})
