import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ResponseReader } from './response.js'

const read = (reader: ResponseReader, text: string, size: number) => {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) {
    const answer = reader.push(bytes.subarray(at, at + size))
    if (answer)
      return { status: answer.status, body: Buffer.from(answer.body).toString(), type: answer.header('x-type') }
  }
  return undefined
}

/** Memory in use after a collection of garbage. */
const usedBytes = () => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const COMPLETE: [name: string, text: string, reusable: boolean][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nX-Type: a\r\nContent-Length: 5\r\n\r\nhello', true],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nx-type: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nt: 1\r\n\r\n',
    true,
  ],
  [
    'an interim response before it',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nx-type: a\r\ncontent-length: 5\r\n\r\nhello',
    true,
  ],
  [
    'a connection that ends',
    'HTTP/1.1 200 OK\r\nx-type: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello',
    false,
  ],
  ['version 1.0', 'HTTP/1.0 200 OK\r\nx-type: a\r\ncontent-length: 5\r\n\r\nhello', false],
]

const MALFORMED = [
  'HTTP/2 200 OK\r\n\r\n',
  'SSH-2.0-OpenSSH\r\n\r\n',
  'HTTP/1.1 101 Switching\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n',
  'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'HTTP/1.1 200 OK\r\nname : value\r\n\r\n',
  'HTTP/1.1 200 OK\r\nx: a\ncontent-length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n',
  `HTTP/1.1 200 OK\r\nlong: ${'x'.repeat(70_000)}`,
]

describe('a response', () => {
  it.each(COMPLETE)('with %s is read however its bytes arrive', (_, text, reusable) => {
    for (const size of [1, 2, 3, 7, text.length]) {
      const reader = new ResponseReader()
      expect(read(reader, text, size)).toEqual({ status: 200, body: 'hello', type: 'a' })
      expect(reader.isReusable).toBe(reusable)
    }
  })

  it.each(MALFORMED)('%j is refused', text => {
    for (const size of [1, text.length]) expect(() => read(new ResponseReader(), text, size)).toThrow(/The response/)
  })

  it('a response without a length ends with its connection, and one with a length does not', () => {
    const open = new ResponseReader()
    expect(read(open, 'HTTP/1.1 200 OK\r\n\r\nhello', 4)).toBeUndefined()
    expect(Buffer.from(open.end()?.body ?? []).toString()).toBe('hello')
    const cut = new ResponseReader()
    read(cut, 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello', 4)
    expect(cut.end()).toBeUndefined()
  })

  it('bytes after a response end the use of its connection', () => {
    const reader = new ResponseReader()
    expect(read(reader, 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200', 1000)?.body).toBe('hello')
    expect(reader.isReusable).toBe(false)
  })

  it.each(['content-length: 16777216\r\n\r\n', 'transfer-encoding: chunked\r\n\r\n1000000\r\n'])(
    'a response of 16 MB with %j is not copied again with each piece that arrives',
    head => {
      const piece = Buffer.alloc(8192, 'x')
      const reader = new ResponseReader()
      const before = process.cpuUsage()
      let answer = reader.push(Buffer.from(`HTTP/1.1 200 OK\r\n${head}`))
      for (let i = 0; i < 2048; i++) answer = reader.push(piece)
      answer ??= reader.push(Buffer.from('\r\n0\r\n\r\n'))
      expect(answer?.body.length).toBe(16 * 1024 * 1024)
      // Copying what has arrived with each piece takes 16 GB of copies, which are seconds.
      expect(process.cpuUsage(before).user).toBeLessThan(500_000)
    },
  )

  it('chunks of one byte take little more memory than their bytes', () => {
    const reader = new ResponseReader()
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'))
    const piece = Buffer.from('1\r\nx\r\n'.repeat(10_000))
    const before = usedBytes()
    for (let i = 0; i < 20; i++) reader.push(piece)
    // An object for each chunk would be 15 MB and more.
    expect(usedBytes() - before).toBeLessThan(5_000_000)
    expect(reader.push(Buffer.from('0\r\n\r\n'))?.body.length).toBe(200_000)
  })
})
