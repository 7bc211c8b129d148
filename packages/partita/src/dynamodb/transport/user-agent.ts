/** The header `user-agent`, in the form that AWS asks of clients: `name/version` and metadata, separated by spaces. */
import { runtimeName } from './runtime.js'

/** The version of this package; a test compares it with `package.json`. */
const VERSION = '0.1.0'

/** Characters of a token of HTTP. */
const FOREIGN = /[^!$%&'*+.^_`|~\w-]/g

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the value of the header for this process. */
export function userAgent(env: Environment): string {
  const { process } = globalThis
  const parts = [`partita/${VERSION}`, 'ua/2.1', `os/${token(process?.platform ?? 'other')}`, 'lang/js']
  const node = process?.versions?.node
  parts.push(node ? `md/nodejs#${token(node)}` : `md/rt#${token(runtimeName() ?? 'unknown')}`)
  parts.push('api/dynamodb#2012-08-10')
  if (env.AWS_EXECUTION_ENV) parts.push(`exec-env/${token(env.AWS_EXECUTION_ENV)}`)
  if (env.AWS_SDK_UA_APP_ID) parts.push(`app/${token(env.AWS_SDK_UA_APP_ID)}`)
  return parts.join(' ')
}

function token(text: string): string {
  return text.slice(0, 50).replace(FOREIGN, '-')
}
