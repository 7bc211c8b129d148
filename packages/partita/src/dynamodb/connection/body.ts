/** Collects the body of a response, up to a size that no response of DynamoDB has. */

/** The largest response of DynamoDB has 16 MB of items, which small values make several times larger. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024

/** The error of a response over a limit. */
export function tooLarge(): Error {
  return new Error('The response is too large')
}

/** Returns the whole body of `fetch`'s response. @throws Error if it is too large. */
export function bodyOfResponse({ body }: Response): Promise<Uint8Array> {
  return wholeBody(body ? partsOf(body) : [])
}

/** Puts the parts of a body together. @throws Error if it is too large; it reads no further then. */
export async function wholeBody(
  parts: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  maximum = MAX_BODY_BYTES,
): Promise<Uint8Array> {
  const found: Uint8Array[] = []
  let bytes = 0
  for await (const part of parts) {
    if ((bytes += part.length) > maximum) throw tooLarge()
    found.push(part)
  }
  const [only] = found
  if (only instanceof Uint8Array && found.length === 1) return only
  return new Uint8Array(await new Blob(found as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

/** The parts of a stream, which not every runtime iterates. */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Ends the download of what is not read.
    await reader.cancel()
  }
}
