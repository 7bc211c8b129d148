import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { checksum } from './checksum.js'

const of = (body: string | Buffer) => new Promise<number>(resolve => checksum(body, resolve))

it.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])(
  'the checksum of %d bytes covers all of them',
  async length => {
    const body = Buffer.from(Array.from({ length }, (_, i) => (i * 31) % 251))
    expect(await of(body)).toBe(crc32(body))
  },
)

it('the checksum of text is that of its UTF-8 bytes', async () => {
  expect(await of('grüße')).toBe(crc32(Buffer.from('grüße')))
})
