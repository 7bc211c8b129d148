/** The server's own operation, which resets the store, for tests in any language. */
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../protocol/aws-error.js'

/** The value of the header `X-Amz-Target`, which a page of another origin cannot send without a preflight request. */
export const RESET_TARGET = 'Partita.Reset'

/** Browsers send these headers, and pages cannot change them. (Node's `fetch` sends `Sec-Fetch-Mode` as well.) */
const OF_PAGES = ['origin', 'sec-fetch-site']
/** A local proxy sends these headers, or any `x-forwarded-` header, for a client that may be on another machine. */
const OF_PROXIES = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip']

/** @throws AwsError for pages in a browser and clients on other machines. */
export function checkReset({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): void {
  const has = (name: string) => headers[name] !== undefined
  if (OF_PAGES.some(has)) throw denied('pages in a browser may not reset the store')
  const isForwarded = OF_PROXIES.some(has) || Object.keys(headers).some(name => name.startsWith('x-forwarded-'))
  if (isForwarded || !isThisMachine(socket.remoteAddress)) {
    throw denied('only programs on the machine of the server may reset the store, without a proxy')
  }
}

function isThisMachine(address: string | undefined): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address ?? '')
}

function denied(reason: string): AwsError {
  return new AwsError('AccessDeniedException', `${RESET_TARGET}: ${reason}`)
}
