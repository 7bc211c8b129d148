import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LinesOptions, MAX_LINE_BYTES, readLines } from './json-lines.js'

async function lines(input: Iterable<Uint8Array | string>, options?: LinesOptions) {
  const chunks = Readable.from(input, { objectMode: true }).map(chunk => Buffer.from(chunk))
  const found: [number, string, number][] = []
  for await (const { number, text, end } of readLines(chunks, options)) found.push([number, text, end])
  return found
}

describe('readLines', () => {
  it('empty lines are skipped but counted', async () => {
    expect(await lines(['\n{"a":1}\n\r\n  \t\n{"b":2}\r\n\n'])).toEqual([
      [2, '{"a":1}', 9],
      [5, '{"b":2}', 24],
    ])
    expect(await lines([])).toEqual([])
    expect(await lines(['\n\n'])).toEqual([])
  })

  it('a last line without a line feed and a byte order mark are accepted', async () => {
    expect(await lines(['\ufeff1\n2'])).toEqual([
      [1, '1', 5],
      [2, '2', 6],
    ])
  })

  it('the lines are the same wherever the bytes are split into chunks', async () => {
    const text = 'één\n\n二\r\n🎵🎶\nlast'
    const whole = await lines([text])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 8 }), async cuts => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), Buffer.byteLength(text)]
        const pieces = bounds.slice(1).map((end, i) => Buffer.from(text).subarray(bounds[i], end))
        expect(await lines(pieces)).toEqual(whole)
      }),
    )
  })

  it('reading from the middle of a file gives the right line numbers and offsets', async () => {
    expect(await lines(['c\nd\n'], { start: { line: 3, offset: 4 } })).toEqual([
      [3, 'c', 6],
      [4, 'd', 8],
    ])
  })

  it('everything before the first requested line is skipped, whatever it holds', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES + 1)
    expect(await lines([long, '\n', Buffer.of(0xff), '\nc\n'], { from: 3 })).toEqual([[3, 'c', long.length + 5]])
  })

  it('a line of 4 MB is read, and one that is a byte longer is refused by its number', async () => {
    expect(await lines(['x'.repeat(MAX_LINE_BYTES), '\n'])).toHaveLength(1)
    await expect(lines(['a\n', 'x'.repeat(MAX_LINE_BYTES), 'x\n'])).rejects.toThrow(/^line 2 is over 4194304 bytes/)
  })

  it('a line of a gigabyte is refused after 4 MB of it are read', async () => {
    let given = 0
    const chunk = Buffer.alloc(64 * 1024, 'x')
    async function* gigabyte() {
      for (; given < 1024 ** 3; given += chunk.length) yield chunk
    }
    const read = async () => {
      for await (const line of readLines(gigabyte())) expect(line).toBeUndefined()
    }
    await expect(read()).rejects.toThrow(/^line 1 is over 4194304 bytes/)
    expect(given).toBeLessThan(MAX_LINE_BYTES + 2 * chunk.length)
  })

  it('a line that is not UTF-8 is refused by its number', async () => {
    await expect(lines(['a\n', Buffer.of(0xc3, 0x28), '\n'])).rejects.toThrow(/^line 2 is not UTF-8/)
  })
})
