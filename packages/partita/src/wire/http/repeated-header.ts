/** Headers that must not come twice. */
import type { IncomingMessage } from 'node:http'

/**
 * Headers of which Node keeps the first and leaves out the others, or joins all to one: two programs on the way could
 * each use another one.
 */
const SINGLE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type', 'date', 'origin'])

/** The first header that came twice and must not, such as `Host`; undefined if no header did. */
export function repeatedHeader({ headers, rawHeaders }: IncomingMessage): string | undefined {
  let different = 0
  for (const _ in headers) different++
  // Nearly always each came once.
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
