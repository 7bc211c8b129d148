/** The region that a server is told to be in. */
import { ValidationError } from '../../errors/errors.js'

/** It stands in ARNs between colons, in scopes of signatures between slashes, and SDKs take it for a part of a host. */
const REGION = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

/** @throws ValidationError for what is no region to SDKs */
export function checkRegion(region: string): void {
  if (REGION.test(region)) return
  const message = `${JSON.stringify(region)} is no region: it has letters, digits and hyphens, such as us-east-1`
  throw new ValidationError([{ path: ['region'], message }])
}
