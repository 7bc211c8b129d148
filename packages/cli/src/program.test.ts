import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from './program.js'
import { Output } from './terminal/output.js'

const folder = mkdtempSync(join(tmpdir(), 'partita-program-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function call(...args: string[]) {
  const [input, data, screen] = [new PassThrough(), new PassThrough(), new PassThrough()]
  input.end()
  let [stdout, stderr] = ['', '']
  data.on('data', text => {
    stdout += text
  })
  screen.on('data', text => {
    stderr += text
  })
  const code = await run(args, { input, screen, output: new Output(data, screen) })
  return { code, stdout, stderr }
}

const store = ['--store', `embedded:${join(folder, 'store')}`]

describe('a call with invalid arguments', () => {
  it.each([
    [['items', 'list', 'c', '--limit', 'abc'], /--limit.*whole number/],
    [['items', 'list', 'c', '--limit', '0'], /--limit.*whole number/],
    [['items', 'list', 'c', '--limit', '1e3'], /--limit.*whole number/],
    [['items', 'list', 'c', '--limit', '99999999999999999999'], /--limit.*whole number/],
    [['items', 'list', 'c', '--limt', '5'], /unknown option '--limt'.*--limit/],
    [['items', 'list'], /missing required argument 'category'/],
    [['items', 'list', 'c', 'p', 'x'], /too many arguments/],
    [['items', 'lst', 'c'], /unknown command 'lst'/],
    [['items', 'put'], /in one way/],
    [['items', 'put', '{}', '--stdin'], /in one way/],
    [['items', 'put', '--file', 'f', '--stdin'], /in one way/],
    [['items', 'delete', 'c'], /--prefix/],
    [['items', 'list', 'c', '--store', 'nonsense'], /store URL "nonsense"/],
    [['items', 'list', 'c', '--store', ''], /store URL ""/],
    [['items', 'export', 'c', '--resume'], /--out/],
    [['items', 'import', '-', '--resume'], /--from-line/],
    [['items', 'import', 'f', '--resume', '--from-line', '2'], /not both/],
    [['items', 'import', 'f', '--from-line', '-1'], /--from-line.*whole number/],
  ])('the call is refused with exit code 2: %j', async (args, message) => {
    const { code, stdout, stderr } = await call(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    const inJson = await call(...args, '--json')
    expect(inJson.stderr).toBe('')
    expect(JSON.parse(inJson.stdout)).toMatchObject({ ok: false, error: { code: 'Usage' } })
  })

  it('a --json after -- is an argument and does not request JSON', async () => {
    expect((await call('items', 'list', '--', 'c', 'p', '--json')).stdout).toBe('')
  })
})

describe('an item that cannot be stored', () => {
  it.each([
    ['[]', 'BadInput', /an item is a JSON object/],
    ['"x"', 'BadInput', /an item is a JSON object/],
    ['{"$bytes":"AQI="}', 'BadInput', /an item is a JSON object/],
    ['{"key":"k"}', 'BadInput', /category is missing or not a string/],
    ['{"category":"c","key":7}', 'BadInput', /key is missing or not a string/],
    ['{"category":"","key":"k"}', 'ValidationFailed', /category: .*not empty/],
    ['{"category":"letsgo-tenant","key":"k"}', 'ValidationFailed', /letsgo.*reserved/],
    ['{"category":"partita","key":"k"}', 'ValidationFailed', /partita.*reserved/],
    ['{"category":"c","key":"k","expiresAt":"tomorrow"}', 'BadInput', /expiresAt must be a time such as/],
    ['{"category":"c","key":"k","expiresAt":"2030-01-01T00:00"}', 'BadInput', /expiresAt must be a time such as/],
    ['{"category":"c","key":"k","expiresAt":1893456000}', 'BadInput', /expiresAt must be a time such as/],
    ['{"category":"c","key":"k","ttl":-1}', 'ValidationFailed', /ttl: .*above 0/],
    ['{"category":"c","key":"k","n":1e400}', 'ValidationFailed', /n: .*out of range/],
    ['{"category":"c","key":"k","s":{"$set":[]}}', 'ValidationFailed', /s: .*empty set/],
    ['{"category":"c","key":"k","s":{"$set":["a",1]}}', 'ValidationFailed', /s: .*one type/],
    [String.raw`{"category":"c","key":"k","s":"\ud800"}`, 'ValidationFailed', /s: .*lone surrogate/],
    [`{"category":"c","key":"${'k'.repeat(1025)}"}`, 'LimitExceeded', /1025 bytes/],
    [`{"category":"${'c'.repeat(2049)}","key":"k"}`, 'LimitExceeded', /2049 bytes/],
    [`{"category":"c","key":"k","a":${'['.repeat(40)}${']'.repeat(40)}}`, 'ValidationFailed', /nested over 32/],
    [`{"category":"c","key":"k","a":"${'x'.repeat(410_000)}"}`, 'LimitExceeded', /400 KB/],
  ])('the item is refused with the reason, and nothing is written: $0', async (text, code, message) => {
    const { error } = JSON.parse((await call('items', 'put', text, '--json', ...store)).stdout)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    const outcome = await call('items', 'put', text, ...store)
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 1, stdout: '' })
    expect(outcome.stderr).toMatch(/^(using [^\n]+\n)?error: [^\n]+\n$/)
    expect(JSON.parse((await call('items', 'list', 'c', '--json', ...store)).stdout).data.items).toEqual([])
  })
})

it('a reserved category can be neither listed nor deleted', async () => {
  for (const command of ['list', 'export'])
    expect((await call('items', command, 'letsgo-tenant', ...store)).code).toBe(1)
  const { code, stderr } = await call('items', 'delete', 'letsgo-tenant', '--prefix', '--yes', ...store)
  expect(code).toBe(1)
  expect(stderr).toMatch(/reserved/)
})
