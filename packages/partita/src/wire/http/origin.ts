/** Pages in a browser, which may call the server from other origins. */
import type { IncomingHttpHeaders } from 'node:http'

/** Whether a host is this machine and no other. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Whether a page is from a server on this machine. */
export function isLocalPage(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname)
}

/** What a browser is told that asks whether it may send what it is about to. */
export function preflightHeaders(headers: IncomingHttpHeaders): string[] {
  const told = ['Access-Control-Max-Age', '172800']
  const names = headers['access-control-request-headers']
  if (names) told.push('Access-Control-Allow-Headers', names)
  const method = headers['access-control-request-method']
  if (method) told.push('Access-Control-Allow-Methods', method)
  return told
}

/** What a browser is told with every answer. */
export const CORS_HEADERS: readonly string[] = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'x-amzn-RequestId,x-amz-crc32,Date',
]
