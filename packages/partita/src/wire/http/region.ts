/** Validates the region of a server. */
import { ValidationError } from '../../errors/errors.js'

/** ARNs contain the region between colons, scopes of signatures between slashes, and SDKs use it in host names. */
const REGION = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

/** @throws ValidationError if SDKs would not accept the region. */
export function checkRegion(region: string): void {
  if (REGION.test(region)) return
  const message = `${JSON.stringify(region)} is not a region; use letters, digits and hyphens, as in us-east-1`
  throw new ValidationError([{ path: ['region'], message }])
}
