/**
 * Files that somebody else has put in the command's way: links beside an import or export, and files of the same name.
 * Whatever is there, no file is written through a link, none is replaced unasked, and no new one is open to others.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { call, failure, folder } from '../cli/in-process.js'

const PRECIOUS = 'precious\n'
const LINE = '{"category":"c","key":"k","v":1}\n'
let at: (name: string) => string
let store: string[]
const modeOf = (name: string) => lstatSync(at(name)).mode & 0o777

beforeEach(async () => {
  // The worst case: everything is open to everybody unless the command says otherwise.
  const umask = process.umask(0)
  onTestFinished(() => void process.umask(umask))
  at = folder()
  store = ['--store', `embedded:${at('store')}`]
  writeFileSync(at('victim'), PRECIOUS)
  await call('items', 'put', LINE, ...store)
})

/** Runs as a user who may not write to the folder of this name; root may write everywhere. */
async function whoMayOnlyRead<T>(name: string, work: () => Promise<T>): Promise<T> {
  chmodSync(at(name), 0o555)
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(at(name), 0o755)
  }
}

describe.skipIf(process.platform === 'win32')('in a folder that is only read', () => {
  const ROWS = [1, 2, 3].map(n => `{"category":"c","key":"${n}"}`)

  it('an import needs no file of its progress, and tells the line to go on from', async () => {
    chmodSync(at('.'), 0o777)
    mkdirSync(at('disk'))
    writeFileSync(at('disk/good.jsonl'), ROWS.join('\n'))
    writeFileSync(at('disk/bad.jsonl'), [...ROWS, '{"category":"letsgo-x","key":"k"}'].join('\n'))
    const into = ['--store', `embedded:${at('other')}`, '--create-table']
    const [good, bad] = await whoMayOnlyRead('disk', async () => [
      await call('items', 'import', at('disk/good.jsonl'), ...into),
      await call('items', 'import', at('disk/bad.jsonl'), ...into),
    ])
    expect(good).toMatchObject({ code: 0, stderr: 'imported 3 items\n' })
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/3 items are imported; .*--from-line=4/) })
    expect(readdirSync(at('disk')).sort()).toEqual(['bad.jsonl', 'good.jsonl'])
  })

  it('an export is refused by its name', async () => {
    chmodSync(at('.'), 0o777)
    mkdirSync(at('disk'))
    const into = ['--store', `embedded:${at('other')}`, '--create-table']
    const error = await whoMayOnlyRead('disk', async () => {
      await call('items', 'put', LINE, ...into)
      return failure('items', 'export', 'c', '--out', at('disk/out.jsonl'), '--store', `embedded:${at('other')}`)
    })
    expect(error).toMatchObject({
      code: 'BadInput',
      message: `${at('disk/out.jsonl')} cannot be written: permission is denied`,
    })
  })
})

describe('a folder in the path of a file', () => {
  it.each([
    ['in.jsonl.partita-import', ['import', 'in.jsonl']],
    ['in.jsonl.partita-import.new', ['import', 'in.jsonl']],
    ['out.jsonl.partita-export', ['export', 'c', '--out', 'out.jsonl']],
    ['out.jsonl.partial', ['export', 'c', '--out', 'out.jsonl']],
  ])('of progress at %s is named in the error', async (name, [command = '', ...args]) => {
    writeFileSync(at('in.jsonl'), LINE)
    mkdirSync(at(name))
    const given = args.map(it => (it.endsWith('.jsonl') ? at(it) : it))
    const error = await failure('items', command, ...given, ...store)
    expect(error).toMatchObject({
      code: 'BadInput',
      message: expect.stringMatching(/cannot be written: it is a folder/),
    })
  })

  it('is not looked for where the file has no name', async () => {
    expect(await failure('items', 'export', 'c', '--out', '', ...store)).toMatchObject({ code: 'Usage' })
  })
})

describe('an export', () => {
  it.each(['out.jsonl.partial', 'out.jsonl.partita-export', 'out.jsonl.partita-export.new'])(
    'writes nothing through a link at %s',
    async name => {
      symlinkSync(at('victim'), at(name))
      expect(await call('items', 'export', 'c', '--out', at('out.jsonl'), ...store)).toMatchObject({ code: 0 })
      expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
      expect(readFileSync(at('out.jsonl'), 'utf8')).toBe(LINE)
      expect(lstatSync(at('out.jsonl')).isFile()).toBe(true)
    },
  )

  it.each(['symbolic link', 'link', 'file', 'dangling link'])('replaces no %s of its name unasked', async kind => {
    if (kind === 'symbolic link') symlinkSync(at('victim'), at('out.jsonl'))
    if (kind === 'link') linkSync(at('victim'), at('out.jsonl'))
    if (kind === 'file') writeFileSync(at('out.jsonl'), 'mine\n')
    if (kind === 'dangling link') symlinkSync(at('nowhere'), at('out.jsonl'))
    const before = lstatSync(at('out.jsonl')).ino
    const { code, stderr } = await call('items', 'export', 'c', '--out', at('out.jsonl'), ...store)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${at('out.jsonl')} already exists; name another file, or use --overwrite to replace it\n`,
    })
    expect(lstatSync(at('out.jsonl')).ino).toBe(before)
    expect(await call('items', 'export', 'c', '--out', at('out.jsonl'), '--overwrite', ...store)).toMatchObject({
      code: 0,
    })
    expect(readFileSync(at('out.jsonl'), 'utf8')).toBe(LINE)
    expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
    expect(existsSync(at('nowhere'))).toBe(false)
  })

  it('is open to its owner alone, and keeps the permissions of a file that it replaces', async () => {
    await call('items', 'export', 'c', '--out', at('new.jsonl'), ...store)
    expect(modeOf('new.jsonl')).toBe(0o600)
    writeFileSync(at('old.jsonl'), 'old')
    chmodSync(at('old.jsonl'), 0o640)
    await call('items', 'export', 'c', '--out', at('old.jsonl'), '--overwrite', ...store)
    expect(modeOf('old.jsonl')).toBe(0o640)
    expect(readFileSync(at('old.jsonl'), 'utf8')).toBe(LINE)
  })

  it.each(['symbolic link', 'link'])('that is resumed goes on with its own file, never with a %s', async kind => {
    const what = JSON.stringify([`embedded:${at('store')} `, 'c', ''])
    const state = JSON.stringify({ what, nextToken: 'any', bytes: 0, items: 0 })
    writeFileSync(at('out.jsonl.partita-export'), state)
    const make = kind === 'link' ? linkSync : symlinkSync
    make(at('victim'), at('out.jsonl.partial'))
    const error = await failure('items', 'export', 'c', '--out', at('out.jsonl'), '--resume', ...store)
    expect(error.message).toMatch(/out\.jsonl.*(symbolic link|was not created by this command)/)
    expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
  })

  it.each(['.', 'pipe'])('replaces no folder or device: %s', async name => {
    if (name === 'pipe') execFileSync('mkfifo', [at('pipe')])
    const error = await failure('items', 'export', 'c', '--out', at(name), '--overwrite', ...store)
    expect(error.message).toMatch(/cannot be written: it is (a folder|not a regular file)/)
  })
})

describe('an import', () => {
  it.each(['in.jsonl.partita-import', 'in.jsonl.partita-import.new'])(
    'writes nothing through a link at %s, and its state is open to its owner alone',
    async name => {
      writeFileSync(at('in.jsonl'), `${LINE}bad\n`)
      symlinkSync(at('victim'), at(name))
      const { stderr } = await call('items', 'import', at('in.jsonl'), ...store)
      expect(stderr).toMatch(/line 2 is not an item/)
      expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
      expect(lstatSync(at('in.jsonl.partita-import')).isFile()).toBe(true)
      expect(modeOf('in.jsonl.partita-import')).toBe(0o600)
    },
  )

  it('that is resumed reads no state through a link', async () => {
    writeFileSync(at('in.jsonl'), LINE)
    symlinkSync(at('victim'), at('in.jsonl.partita-import'))
    const error = await failure('items', 'import', at('in.jsonl'), '--resume', ...store)
    expect(error.message).toMatch(/in\.jsonl\.partita-import cannot be read: it is a symbolic link/)
  })
})

describe('a store, a backup and a restored store', () => {
  it('are in folders that their owner alone may enter', async () => {
    expect(modeOf('store')).toBe(0o700)
    await call('backup', at('copy'), '--path', at('store'))
    expect(modeOf('copy')).toBe(0o700)
    await call('restore', at('copy'), at('again'))
    expect(modeOf('again')).toBe(0o700)
  })

  it.each(['backup', 'restore'])('are never written behind a link: %s', async command => {
    await call('backup', at('copy'), '--path', at('store'))
    mkdirSync(at('open'))
    symlinkSync(at('open'), at('planted'))
    const args =
      command === 'backup' ? ['backup', at('planted'), '--path', at('store')] : ['restore', at('copy'), at('planted')]
    const { code, stderr } = await call(...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/planted is a symbolic link; name the folder itself/)
    expect(readdirSync(at('open'))).toEqual([])
  })
})

it('models are loaded without a cache in a folder where others could plant code', async () => {
  writeFileSync(at('models.ts'), `import { f, model } from 'partita'\nexport const n: number = 1\n`)
  mkdirSync(at('tmp'))
  vi.stubEnv('TMPDIR', at('tmp'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const { message } = await failure('reindex', 'A', '--models', at('models.ts'), ...store)
  expect(message).toMatch(/exports no models/)
  expect(readdirSync(at('tmp'))).toEqual([])
})

describe('a small file that decompresses to a large one', () => {
  const MEGABYTES = 100

  it.each([
    ['in.jsonl.gz', /line 1 is over 4194304 bytes/],
    ['in.json.gz', /is over 64 MB/],
  ])('is refused long before its end: %s', async (name, message) => {
    writeFileSync(at(name), gzipSync(Buffer.alloc(MEGABYTES * 1024 * 1024, '{')))
    expect(lstatSync(at(name)).size).toBeLessThan(200_000)
    const args = name.endsWith('.json.gz') ? ['serve', '--memory', '--port', '0', '--seed'] : ['items', 'import']
    const more = name.endsWith('.json.gz') ? [] : store
    expect((await failure(...args, at(name), ...more)).message).toMatch(message)
  })
})
