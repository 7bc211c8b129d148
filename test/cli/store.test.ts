/** `partita backup`, `restore` and `verify`, and a server on a file system that is mounted read-only. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, vi } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'
import { openKv } from '../../packages/partita/src/embedded/storage/kv.js'
import { type Outcome, workplace } from './partita.js'

const LINES = Array.from(
  { length: 500 },
  (_, n) => `{"category":"c","key":"k${n}","text":"${'x'.repeat(300)}"}\n`,
).join('')

async function filled() {
  const cli = workplace()
  expect((await cli.pipe(LINES, 'items', 'import', '-')).code).toBe(0)
  return { ...cli, store: join(cli.folder, 'store'), at: (name: string) => join(cli.folder, name) }
}

describe('a backup', () => {
  it('backup copies the store of PARTITA_STORE or --path, and restore brings it back', async () => {
    const { run, json, store, at } = await filled()
    expect(await json('backup', at('b'))).toMatchObject({ ok: true, data: { folder: at('b') } })
    expect((await run('backup', '--path', store, '--compact', at('c'))).stderr).toMatch(
      /^backed up \S+ to \S+ \([\d,]+ bytes\)\n$/,
    )
    expect(readFileSync(join(at('c'), 'data.mdb')).length).toBeLessThan(readFileSync(join(at('b'), 'data.mdb')).length)
    expect((await run('restore', at('b'), at('restored'))).stderr).toMatch(/^restored 500 items from \S+ to \S+\n$/)
    const list = ['items', 'export', 'c', '--store']
    const restored = await run(...list, `embedded:${at('restored')}`)
    expect(restored.stdout).toBe((await run(...list, `embedded:${store}`)).stdout)
  })

  it('backup and restore never overwrite a store or a folder with content', async () => {
    const { json, store, at } = await filled()
    await json('backup', at('b'))
    const refused = {
      ok: false,
      error: { code: 'StoreUnusable', message: expect.stringMatching(/holds a store already/) },
    }
    expect(await json('backup', at('b'))).toMatchObject(refused)
    expect(await json('restore', at('b'), store)).toMatchObject(refused)
    mkdirSync(at('full'))
    writeFileSync(join(at('full'), 'thesis.txt'), 'precious')
    expect(await json('restore', at('b'), at('full'))).toMatchObject({
      error: { message: expect.stringMatching(/not empty/) },
    })
    expect(readdirSync(at('full'))).toEqual(['thesis.txt'])
  })

  it('restore refuses a damaged backup', async () => {
    const { json, at } = await filled()
    await json('backup', at('b'))
    const path = join(at('b'), 'data.mdb')
    const file = readFileSync(path)
    file.fill(0, 3 * 8192, 12 * 8192)
    writeFileSync(path, file)
    expect(await json('restore', at('b'), at('r'))).toMatchObject({
      ok: false,
      error: {
        code: 'Damaged',
        details: { differences: expect.arrayContaining([expect.objectContaining({ kind: 'page' })]) },
      },
    })
    expect(existsSync(at('r'))).toBe(false)
  })

  it.each([['backup', 'b'], ['verify']])('a store that does not exist is refused by %s', async (...args) => {
    const { run, folder } = workplace()
    const { code, stderr } = await run(...args, '--path', join(folder, 'absent'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: there is no store at \S+absent\n$/)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('partita verify', () => {
  it('verify reports the contents of a consistent store', async () => {
    const { run, json } = await filled()
    expect(await run('verify')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/500 items.*\S+ is consistent\n$/s),
    })
    expect(await json('verify')).toMatchObject({ ok: true, data: { tables: [{ items: 500 }], streamRecords: 0 } })
  })

  it('verify exits with 1 and lists the differences of an inconsistent store', async () => {
    const { run, json, store } = await filled()
    const kv = openKv(store, { relaxed: false })
    await kv.transact(() => kv.put(Buffer.from([0x10, 0, 0, 0, 99, 0, 1, 1]), Buffer.from([1])))
    await kv.close()
    expect(await json('verify')).toMatchObject({
      ok: false,
      error: { code: 'Damaged', details: { differenceCount: 1, differences: [{ kind: 'leftover' }] } },
    })
    const { code, stderr } = await run('verify')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: \S+ has 1 difference: there are entries of index 1 of table 99/)
  })
})

it('serve refuses a path that cannot be created', async () => {
  const { run } = workplace()
  const { code, stderr } = await run('serve', '--path', '/proc/partita', '--port', '0')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: The store at \/proc\/partita cannot be opened: [^\n]+\n$/)
})

it('serve --read-only works on a read-only file system', async () => {
  const { store, start, at } = await filled()
  const disk = at('disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    console.log('skipped: a read-only disk needs the right to mount a file system')
    return
  }
  try {
    cpSync(store, join(disk, 'store'), { recursive: true })
    rmSync(join(disk, 'store', 'lock.mdb'))
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const args = ['serve', '--path', join(disk, 'store'), '--read-only', '--port', '0', '--json']
    const { child, ended } = start(...args, '--stop-with-stdin')
    const line = await new Promise<string>(resolve => child.stdout?.once('data', text => resolve(String(text))))
    const { endpoint } = JSON.parse(line).data
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
    const client = new DynamoDB({ endpoint, region: 'us-east-1', credentials })
    expect(await client.scan({ TableName: 'partita-items', Select: 'COUNT' })).toMatchObject({ Count: 500 })
    await expect(client.deleteTable({ TableName: 'partita-items' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    })
    client.destroy()
    child.stdin?.end()
    expect((await ended).code).toBe(0)
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

it('Ctrl-C during a backup reports what is left behind, and exits with 130', async () => {
  const { start, run, folder } = workplace()
  // Large enough for the copy to take a while.
  const large = embedded({ path: join(folder, 'store') })
  await large.createTable({ name: 'large', key: { partition: { name: 'pk', type: 'S' } } })
  const item = (n: number) => ({ pk: `${n}`, text: 'x'.repeat(400_000) })
  await Promise.all(Array.from({ length: 250 }, (_, n) => large.write({ kind: 'put', table: 'large', item: item(n) })))
  await large.close()
  const stopped = async (name: string, ...options: string[]): Promise<Outcome> => {
    const { child, ended } = start('backup', name, ...options)
    await vi.waitFor(() => expect(existsSync(join(folder, name))).toBe(true), { timeout: 120_000, interval: 1 })
    child.kill('SIGINT')
    const outcome = await ended
    if (!/backed up|"ok":true/.test(outcome.stdout + outcome.stderr)) return outcome
    // On a busy machine the backup can end before it is stopped, and the process with 0 or 130.
    rmSync(join(folder, name), { recursive: true })
    return stopped(name, ...options)
  }
  expect(await stopped('b')).toEqual({
    code: 130,
    stdout: '',
    stderr: expect.stringMatching(/^error: stopped; the backup in b was not finished .* delete that folder/),
  })
  const { code, stdout } = await stopped('c', '--json')
  expect([code, JSON.parse(stdout).error.code]).toEqual([130, 'Interrupted'])
  expect((await run('verify', '--path', 'b')).code).toBe(1)
  expect((await run('verify')).code).toBe(0)
})
