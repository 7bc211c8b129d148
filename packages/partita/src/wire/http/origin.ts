/**
 * Without keys, only programs on this machine and pages of servers on it may send requests. Otherwise any page that a
 * user visits could read the tables, also by DNS rebinding.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** Whether a listen address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

const LOCAL_HOST = /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/** Whether the header `Host` names this machine: `localhost`, a name below it (RFC 6761), or a loopback address. */
function isLocalHost(host: string): boolean {
  return host.length < 300 && LOCAL_HOST.test(host)
}

/** Whether a page is from a server on this machine. */
function isLocalPage(origin: string): boolean {
  return URL.canParse(origin) && isLocalHost(new URL(origin).host)
}

/**
 * Why a server without keys refuses a request; undefined if it does not. Programs send no `Origin`, and HTTP 1.0
 * clients no `Host`.
 */
export function foreignRequest({ origin, host }: IncomingHttpHeaders): string | undefined {
  if (origin !== undefined && !isLocalPage(origin)) {
    return `A page of ${shown(origin)} is not answered: without keys the server answers pages of this machine only, such as those of http://localhost`
  }
  if (host !== undefined && !isLocalHost(host)) {
    return `The host ${shown(host)} is not this machine: without keys the server answers to localhost, names that end in .localhost, 127.0.0.1 and [::1]`
  }
  return undefined
}

function shown(header: string): string {
  return JSON.stringify(header.slice(0, 255))
}

/** The headers of the answer to a browser's preflight request. */
export function preflightHeaders(headers: IncomingHttpHeaders): string[] {
  const lines = ['Access-Control-Max-Age', '172800']
  const names = headers['access-control-request-headers']
  if (names) lines.push('Access-Control-Allow-Headers', names)
  const method = headers['access-control-request-method']
  if (method) lines.push('Access-Control-Allow-Methods', method)
  return lines
}

/** The headers of every other answer to a browser. */
export const CORS_HEADERS: readonly string[] = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'x-amzn-RequestId,x-amz-crc32,Date',
]
