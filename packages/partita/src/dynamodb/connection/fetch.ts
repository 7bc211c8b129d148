/** Requests by `fetch`, on runtimes without Node's HTTP client. */

import { type Endpoint, type HttpExchange, hostOf } from '../transport/exchange.js'
import { within } from '../within.js'
import { bodyOfResponse } from './body.js'

/** Returns an exchange by the runtime's `fetch`. */
export function fetchExchange(endpoint: Endpoint): HttpExchange {
  const url = `${endpoint.protocol}//${hostOf(endpoint)}${endpoint.path}`
  return {
    send: ({ headers, body }, { milliseconds, signal }) => {
      // The runtime sets these itself, and some refuse them.
      const { host: _, 'content-length': __, ...own } = headers
      return within(milliseconds, signal, async abort => {
        // Following a redirect would send the session token to another host.
        const response = await fetch(url, { method: 'POST', headers: own, body, signal: abort, redirect: 'manual' })
        return {
          status: response.status,
          header: name =>
            hidden.has(name) && isDecoded(response) ? undefined : (response.headers.get(name) ?? undefined),
          body: await bodyOfResponse(response),
        }
      })
    },
    close() {},
  }
}

/** The checksum is that of the bytes that were sent: it does not fit a body that the runtime has decompressed. */
const hidden = new Set(['x-amz-crc32'])

function isDecoded({ headers }: Response): boolean {
  return headers.has('content-encoding')
}
