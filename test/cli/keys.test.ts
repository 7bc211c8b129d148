/** Keys of `partita serve`: their sources, and the secrets that are never shown. */
import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keysOf } from '../../packages/cli/src/serve/keys.js'
import { call, folder } from './in-process.js'

let at: (name: string) => string
beforeEach(() => {
  at = folder()
})
afterEach(() => void vi.unstubAllEnvs())

const fileOf = (text: string) => {
  writeFileSync(at('keys'), text)
  return at('keys')
}

describe('keys', () => {
  it('keys are read from a file with comments, separated by line breaks or spaces', () => {
    const file = fileOf('\ufeff# for tests\r\nAKID:a:b/+=\r\n\r\n  other:c d:e\n')
    expect(keysOf([], file)).toEqual([
      { id: 'AKID', secret: 'a:b/+=' },
      { id: 'other', secret: 'c' },
      { id: 'd', secret: 'e' },
    ])
  })

  it('keys are read from PARTITA_KEYS if no option gives any', () => {
    vi.stubEnv('PARTITA_KEYS', 'a:b, c:d\ne:f')
    const keys = keysOf()
    expect(keys?.map(({ id, secret }) => id + secret)).toEqual(['ab', 'cd', 'ef'])
    expect(keysOf([{ id: 'x', secret: 'y' }])).toEqual([{ id: 'x', secret: 'y' }])
    expect(keysOf([{ id: 'x', secret: 'y' }], fileOf('z:1'))).toHaveLength(2)
  })

  it.skipIf(!existsSync('/dev/zero'))(
    'reading a key file stops at 1 MB, so that a device without an end is refused',
    () => {
      expect(() => keysOf([], '/dev/zero')).toThrow(/^\/dev\/zero is larger than 1 MB, so it is not a file of keys$/)
      expect(keysOf([], fileOf(`#${'x'.repeat(1024 * 1024 - 5)}\na:b`))).toHaveLength(1)
    },
  )

  it('keysOf returns undefined if neither an option nor PARTITA_KEYS gives keys', () => {
    vi.stubEnv('PARTITA_KEYS', undefined)
    expect(keysOf()).toBeUndefined()
  })
})

describe('a server does not start with invalid or missing keys', () => {
  const WORD = 'very-secret-word'
  const serve = (...args: string[]) => call('serve', '--memory', '--port', '0', '--stop-with-stdin', ...args)

  it.each([
    ['', /PARTITA_KEYS is set but contains no key/],
    [' , \n', /PARTITA_KEYS is set but contains no key/],
    [WORD, /PARTITA_KEYS is not an id:secret/],
    [`AKID:${WORD},${WORD}`, /PARTITA_KEYS is not an id:secret/],
    [`AKID:${WORD},AKID:b`, /two keys have the same id/],
    [`${WORD}/:AKID`, /invalid key: an id contains letters/],
  ])('PARTITA_KEYS=%j is a usage error that does not show the secret', async (value, message) => {
    vi.stubEnv('PARTITA_KEYS', value)
    const { code, stdout, stderr } = await serve()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain(WORD)
  })

  it.each([
    ['# none\n', /keys contains no key/],
    [`AKID:${WORD}\n${WORD}\n`, /line 2 of .*keys is not an id:secret/],
    [`:${WORD}`, /line 1 of .*keys is not an id:secret/],
  ])('--key-file with the content %j is a usage error that does not show the secret', async (text, message) => {
    const { code, stderr } = await serve('--key-file', fileOf(text))
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain(WORD)
  })

  it('a --key-file that cannot be read is reported with its path', async () => {
    const { code, stderr } = await serve('--key-file', at('absent'))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: ${at('absent')} cannot be read: there is no such file or folder\n`,
    })
  })

  it.each([[WORD], [`:${WORD}`], [`${WORD}:`], [`${WORD}/:AKID`]])(
    '--key %j is a usage error that does not show the secret',
    async text => {
      const { code, stderr } = await serve('--key', text)
      expect(code).toBe(2)
      expect(stderr).toMatch(/id:secret/)
      expect(stderr).not.toContain(WORD)
    },
  )
})
