/** Examines what a store on DynamoDB needs: a region, credentials, and an endpoint that answers. */
import type { Store } from 'partita'
import { type ConnectionSettings, connectionSettings } from 'partita/dynamodb'
import { parseStoreUrl } from 'partita/store'
import { type Finding, messageOf, ok, problem, warning } from './finding.js'

/** Milliseconds that the search for credentials may take: on a machine outside AWS, the last source never answers. */
const PATIENCE = 10_000
const SOON = 5 * 60_000

/** Examines the region and the credentials that the store finds. The secret is never shown. */
export async function credentialFindings(url: string, profile: string | undefined): Promise<Finding[]> {
  const location = parseStoreUrl(url)
  if (location.engine !== 'dynamodb') return []
  const { region, endpoint } = location
  const settings = connectionSettings({ ...(region && { region }), ...(endpoint && { endpoint }) })
  return [await regionFinding(settings), await credentialFinding(settings, profile)]
}

/** Whether the store answers. A table that does not exist is an answer. */
export async function reachFinding(store: Store, table: string, shown: string): Promise<Finding> {
  try {
    const found = await store.describeTable(table)
    return ok(
      'store',
      `${shown} answers; ${found ? `the table ${table} is ${found.status}` : `it has no table ${table}`}`,
    )
  } catch (error) {
    const message = messageOf(error)
    const remedy = /denied|not authorized/i.test(message)
      ? 'allow dynamodb:DescribeTable and the calls of the program for these credentials'
      : 'check the URL of the store, the network and the clock of this machine'
    return problem('store', `${shown} cannot be used: ${message}`, remedy)
  }
}

async function regionFinding(settings: ConnectionSettings): Promise<Finding> {
  try {
    const { region, url } = await settings.destination()
    return ok('region', `the region is ${region}, at ${url}`)
  } catch (error) {
    return problem('region', messageOf(error), 'name a region: --region, AWS_REGION, or region in the AWS profile')
  }
}

async function credentialFinding(settings: ConnectionSettings, profile: string | undefined): Promise<Finding> {
  try {
    const found = await withPatience(settings.credentials())
    if (!found) return ok('credentials', 'there are none; a server on this machine needs none')
    const { accessKeyId, expiration } = found
    const message = `the access key ends in ${accessKeyId.slice(-4)}${profile === undefined ? '' : `, of the profile ${profile}`}`
    if (expiration === undefined || expiration.getTime() - Date.now() > SOON) return ok('credentials', message)
    return warning('credentials', `${message}, and expires at ${expiration.toISOString()}`, 'sign in again')
  } catch (error) {
    const remedy = 'set AWS_PROFILE or --profile, or sign in, for example with "aws sso login"'
    return problem('credentials', messageOf(error), remedy)
  }
}

async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no source of credentials has answered')), PATIENCE)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
