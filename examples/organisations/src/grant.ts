/**
 * The membership in a group of the organisation, or in a group of one of its services.
 *
 * All grants of a member are in one set of strings, so that one write adds or removes groups of both levels:
 *
 *   organisationGroup/owner
 *   serviceGroup/billing/readers
 *
 * `%` and `/` in names are escaped, so that two grants never have the same text.
 */
import { f } from 'partita'

export interface Grant {
  readonly group: string
  /** The service that the group belongs to; without it, the group belongs to the organisation. */
  readonly serviceId?: string
}

const escaped = (name: string) => name.replaceAll('%', '%25').replaceAll('/', '%2F')
const plain = (text: string) => text.replaceAll('%2F', '/').replaceAll('%25', '%')

export function grantText({ group, serviceId }: Grant): string {
  return serviceId === undefined
    ? `organisationGroup/${escaped(group)}`
    : `serviceGroup/${escaped(serviceId)}/${escaped(group)}`
}

const FORM = /^(?:organisationGroup|serviceGroup\/([^/]+))\/([^/]+)$/

/** @throws Error for a text that is not a grant: an error is better than a wrong group. */
export function parseGrant(text: string): Grant {
  const [, serviceId, group] = FORM.exec(text) ?? []
  if (group === undefined) throw new Error(`"${text}" is not a group of an organisation or a service`)
  return serviceId === undefined ? { group: plain(group) } : { group: plain(group), serviceId: plain(serviceId) }
}

/** A field that stores a grant. */
export const grant = () => f.string().pattern(FORM).transform<Grant>({ encode: grantText, decode: parseGrant })
