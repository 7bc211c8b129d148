import { describe, expect, it } from 'vitest'
import { bodyOfResponse, MAX_BODY_BYTES, wholeBody } from './body.js'

const PIECE = new Uint8Array(64 * 1024 * 1024)

describe('the body of a response', () => {
  it('a body in parts is put together in their order', async () => {
    expect(await wholeBody([])).toEqual(new Uint8Array())
    expect(await wholeBody([Uint8Array.of(1)])).toEqual(Uint8Array.of(1))
    expect(await wholeBody([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('a response without a body has no bytes, and any other has those of its stream', async () => {
    expect(await bodyOfResponse(new Response(null))).toEqual(new Uint8Array())
    expect(Buffer.from(await bodyOfResponse(new Response('hello'))).toString()).toBe('hello')
  })

  it('a body of any size ends at the limit, and its source is closed', async () => {
    let read = 0
    let isClosed = false
    const endless = async function* () {
      try {
        for (;;) {
          read += PIECE.length
          yield PIECE
        }
      } finally {
        isClosed = true
      }
    }
    await expect(wholeBody(endless())).rejects.toThrow('too large')
    expect({ read, isClosed }).toEqual({ read: MAX_BODY_BYTES + PIECE.length, isClosed: true })
  })

  it('the download of a response over the limit is cancelled', async () => {
    let isCancelled = false
    const stream = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(PIECE),
      cancel: () => {
        isCancelled = true
      },
    })
    await expect(bodyOfResponse(new Response(stream))).rejects.toThrow('too large')
    expect(isCancelled).toBe(true)
  })
})
