/** The one call that is the server's own: it puts the store back to its beginning, for tests in any language. */
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../protocol/aws-error.js'

/** In the header `X-Amz-Target`, which no page of another origin can send unasked. */
export const RESET_TARGET = 'Partita.Reset'

/** Browsers send these, and let no page change them. (`Sec-Fetch-Mode` is sent by Node's `fetch` as well.) */
const OF_PAGES = ['origin', 'sec-fetch-site']
/** A proxy of this machine sends these for a client that may be on another, or any that begins with `x-forwarded-`. */
const OF_PROXIES = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip']

/** @throws AwsError for a page in a browser, and for who is not on this machine. */
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
