import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAIN, workplace } from './partita.js'

const ORDER = '{"category":"order","key":"ord-1","total":12,"items":["cat","dog"]}'

describe('partita items put and get', () => {
  it('put stores an item and get prints it: data goes to stdout, messages to stderr', async () => {
    const { run, runBuilt, pipe, folder, using } = workplace()
    expect(await runBuilt('items', 'put', ORDER)).toEqual({
      code: 0,
      stdout: '',
      stderr: `${using}stored "ord-1" in category "order"\n`,
    })
    const { code, stdout, stderr } = await runBuilt('items', 'get', 'order', 'ord-1')
    expect({ code, stderr, item: JSON.parse(stdout) }).toEqual({ code: 0, stderr: using, item: JSON.parse(ORDER) })
    expect((await pipe(ORDER.replace('12', '13'), 'items', 'put', '--stdin')).code).toBe(0)
    expect((await run('items', 'get', 'order', 'ord-1', '--consistent')).stdout).toContain('"total": 13')
    writeFileSync(join(folder, 'order.json'), ORDER.replace('12', '14'))
    expect((await run('items', 'put', '--file', 'order.json')).code).toBe(0)
    expect((await run('items', 'get', 'order', 'ord-1')).stdout).toContain('"total": 14')
  })

  it('every digit and every type that JSON cannot express is preserved', async () => {
    const { run, json } = workplace()
    const values =
      '"big":12345678901234567890,"exact":0.1234567890123456789,"bytes":{"$bytes":"AQI="},"set":{"$set":[2,1]}'
    expect(await json('items', 'put', `{"category":"c","key":"k",${values}}`)).toEqual({
      ok: true,
      data: { category: 'c', key: 'k' },
    })
    expect((await json('items', 'get', 'c', 'k')).data).toEqual({
      category: 'c',
      key: 'k',
      big: { $number: '12345678901234567890' },
      exact: { $number: '0.1234567890123456789' },
      bytes: { $bytes: 'AQI=' },
      set: { $set: [1, 2] },
    })
    expect((await run('items', 'get', 'c', 'k')).stdout).toContain('"$number": "12345678901234567890"')
  })

  it('put accepts an expiry as ttl or expiresAt, and get prints it as expiresAt', async () => {
    const { json } = workplace()
    await json('items', 'put', '{"category":"c","key":"moment","expiresAt":"2100-01-01T00:00:00+01:00"}')
    expect((await json('items', 'get', 'c', 'moment')).data.expiresAt).toBe('2099-12-31T23:00:00.000Z')
    const before = Date.now()
    await json('items', 'put', '{"category":"c","key":"seconds","ttl":3600}')
    const { expiresAt, ttl } = (await json('items', 'get', 'c', 'seconds')).data
    expect(ttl).toBeUndefined()
    expect(Date.parse(expiresAt) - before).toBeGreaterThan(3_500_000)
    expect(Date.parse(expiresAt) - before).toBeLessThan(3_700_000)
  })

  it('put never evaluates its input, and writes nothing that is not JSON', async () => {
    const { json, folder } = workplace()
    const code = `{category:'c',key:(require('fs').writeFileSync('evaluated',''),'k')}`
    const { ok, error } = await json('items', 'put', code)
    expect({ ok, code: error.code }).toEqual({ ok: false, code: 'BadInput' })
    expect(error.message).toMatch(/this is not JSON/)
    expect(existsSync(join(folder, 'evaluated'))).toBe(false)
    expect((await json('items', 'list', 'c')).data.items).toEqual([])
  })

  it('put refuses an item over 400 KB, and a file over 4 MB without reading it', async () => {
    const { json, pipe, folder, using } = workplace()
    const large = `{"category":"c","key":"k","text":"${'x'.repeat(410_000)}"}`
    expect((await pipe(large, 'items', 'put', '--stdin')).stderr.slice(using.length)).toMatch(/^error: .*400 KB/)
    writeFileSync(join(folder, 'huge.json'), '')
    truncateSync(join(folder, 'huge.json'), 2 ** 30)
    expect((await json('items', 'put', '--file', 'huge.json')).error).toMatchObject({
      code: 'BadInput',
      message: 'huge.json is over 4 MB; no item has that much JSON',
    })
  })

  it('get names an item that does not exist', async () => {
    const { json, run, using } = workplace()
    const { code, stdout, stderr } = await run('items', 'get', 'order', 'a\n\u001b[2J')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`${using}error: category "order" has no item with the key "a\\n\\u001b[2J"\n`)
    expect((await json('items', 'get', 'order', 'ord-1')).error.code).toBe('NotFound')
  })
})

describe('partita items list', () => {
  it('list prints keys page by page, and the printed command for the next page can be run unchanged', async () => {
    const { pipe, run, folder, env, using } = workplace()
    const keys = ["/it's/1", '/it\'s/"2"', "/it's/3 $HOME", "/it's/\u001b[31m", "/it's/ü"]
    const lines = keys.map(key => JSON.stringify({ category: '-c d', key })).join('\n')
    await pipe(lines, 'items', 'import', '-')
    const first = await run('items', 'list', '--limit', '2', '--', '-c d', "/it's/")
    expect(first.stdout).toBe(`${String.raw`"/it's/\u001b[31m"`}\n/it's/"2"\n`)
    const next = /^there is more: partita (.*)\n$/.exec(first.stderr.slice(using.length))?.[1]
    const shell = spawn('sh', ['-c', `"$NODE" "$MAIN" ${next}`], {
      cwd: folder,
      env: { ...env, NODE: process.execPath, MAIN },
    })
    const pages: string[] = []
    shell.stdout.on('data', text => pages.push(String(text)))
    await once(shell, 'close')
    expect(pages.join('')).toBe("/it's/1\n/it's/3 $HOME\n")
  })

  it('list prints whole items with --full, and an envelope with items and token with --json', async () => {
    const { run, json, using } = workplace()
    await run('items', 'put', ORDER)
    await run('items', 'put', ORDER.replace('ord-1', 'ord-2'))
    expect(JSON.parse((await run('items', 'list', 'order', 'ord-1', '--full')).stdout)).toEqual(JSON.parse(ORDER))
    const page = await json('items', 'list', 'order', '--limit', '1')
    expect(page.data.items).toEqual([JSON.parse(ORDER)])
    const { data } = await json('items', 'list', 'order', '--limit', '1', '--next-token', page.data.nextToken)
    expect(data.items.map((item: { key: string }) => item.key)).toEqual(['ord-2'])
    const none = await run('items', 'list', 'nothing')
    expect(none).toEqual({ code: 0, stdout: '', stderr: `${using}no items found\n` })
  })

  it('list refuses an invalid token and a token of another listing', async () => {
    const { run, json } = workplace()
    for (const key of ['a', 'b']) await run('items', 'put', JSON.stringify({ category: 'c', key }))
    const { nextToken } = (await json('items', 'list', 'c', '--limit', '1')).data
    expect((await json('items', 'list', 'd', '--next-token', nextToken)).error.code).toBe('InvalidCursor')
    expect((await json('items', 'list', 'c', '--next-token', `${nextToken}x`)).error.code).toBe('InvalidCursor')
  })
})

describe('partita items delete', () => {
  async function filled() {
    const cli = workplace()
    const lines = ['a1', 'a2', 'b1'].map(key => JSON.stringify({ category: 'c', key })).join('\n')
    await cli.pipe(lines, 'items', 'import', '-')
    return { ...cli, keys: async () => (await cli.run('items', 'list', 'c')).stdout.split('\n').slice(0, -1) }
  }

  it('delete removes one item and reports it, and a missing item is not an error', async () => {
    const { run, json, keys, using } = await filled()
    expect(await json('items', 'delete', 'c', 'a1', '--dry-run')).toEqual({ ok: true, data: { matched: 1 } })
    expect(await keys()).toEqual(['a1', 'a2', 'b1'])
    expect((await run('items', 'delete', 'c', 'a1')).stderr).toBe(`${using}deleted 1 item\n`)
    expect(await json('items', 'delete', 'c', 'a1')).toEqual({ ok: true, data: { deleted: 0 } })
    expect(await keys()).toEqual(['a2', 'b1'])
  })

  it('delete --prefix without a terminal requires --yes', async () => {
    const { run, json, keys, using } = await filled()
    const { code, stdout, stderr } = await run('items', 'delete', 'c', 'a', '--prefix')
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr.slice(using.length)).toMatch(/^error: .*--yes\n$/)
    expect((await json('items', 'delete', 'c', 'a', '--prefix')).error.code).toBe('NeedsConfirmation')
    expect(await keys()).toEqual(['a1', 'a2', 'b1'])
    expect(await json('items', 'delete', 'c', 'a', '--prefix', '--dry-run')).toEqual({ ok: true, data: { matched: 2 } })
    expect(await json('items', 'delete', 'c', 'a', '--prefix', '--yes')).toEqual({ ok: true, data: { deleted: 2 } })
    expect(await keys()).toEqual(['b1'])
  })

  it('delete removes a whole category only with --prefix', async () => {
    const { run, keys } = await filled()
    expect((await run('items', 'delete', 'c', '--yes')).code).toBe(2)
    expect(await keys()).toHaveLength(3)
    expect((await run('items', 'delete', 'c', '--prefix', '--yes')).code).toBe(0)
    expect(await keys()).toEqual([])
  })
})

describe('an invalid call', () => {
  it('an invalid call exits with 2 and reports the error in one line or one envelope', async () => {
    const { runBuilt, json, folder } = workplace()
    const { code, stdout, stderr } = await runBuilt('items', 'list', 'c', '--limit', 'abc')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: .*--limit.*whole number.*\n$/)
    expect((await json('items', 'list', 'c', '--limt', '5')).error.code).toBe('Usage')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a store that cannot be used', () => {
  it('a store that cannot be used is named in one line, without a stack trace', async () => {
    const { runBuilt, folder } = workplace()
    writeFileSync(join(folder, 'file'), 'not a store')
    const { code, stdout, stderr } = await runBuilt('items', 'list', 'c', '--store', 'embedded:file')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]*file[^\n]*\n$/)
  })
})
