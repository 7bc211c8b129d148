/** Detects headers that a request must not repeat. */
import type { IncomingMessage } from 'node:http'

/**
 * Headers that Node reduces to the first, or joins into one. A proxy and this server could each use a different
 * one.
 */
const SINGLE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type', 'date', 'origin'])

/** The first header, such as `Host`, that is repeated but must not be; undefined if there is none. */
export function repeatedHeader({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  let different = 0
  for (const _ in headers) different++
  // The usual case: no header is repeated.
  return rawHeaders.length === 2 * different ? undefined : firstRepeated(rawHeaders)
}

function firstRepeated(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!SINGLE.has(name) && !name.startsWith('x-amz-')) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}
