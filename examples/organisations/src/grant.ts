/**
 * A group that somebody is in: of the organisation, or of one of its services.
 *
 * All grants of a member lie in one set of text, so that groups of both levels are added and removed by one write:
 *
 *   organisationGroup/owner
 *   serviceGroup/billing/readers
 *
 * Names stand in it with `%` and `/` escaped, so that each text is of one grant only.
 */
import { f } from 'partita'

export interface Grant {
  readonly group: string
  /** The service whose group it is; without it, the group is the organisation's. */
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

/** @throws Error for text that is of no grant: better no answer than a wrong group. */
export function parseGrant(text: string): Grant {
  const [, serviceId, group] = FORM.exec(text) ?? []
  if (group === undefined) throw new Error(`"${text}" is no group of an organisation or a service`)
  return serviceId === undefined ? { group: plain(group) } : { group: plain(group), serviceId: plain(serviceId) }
}

/** The field of one grant. */
export const grant = () => f.string().pattern(FORM).transform<Grant>({ encode: grantText, decode: parseGrant })
