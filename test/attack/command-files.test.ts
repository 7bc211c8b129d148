/**
 * Files that an attacker placed where a command writes: links beside an import or export, and files of the same name.
 * No file is written through a link, none is replaced without `--overwrite`, and no new file is readable by others.
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
  // The worst case: new files are open to everybody unless the command restricts them.
  const umask = process.umask(0)
  onTestFinished(() => void process.umask(umask))
  at = folder()
  store = ['--store', `embedded:${at('store')}`]
  writeFileSync(at('victim'), PRECIOUS)
  await call('items', 'put', LINE, ...store)
})

/** Runs as a user who may not write to the folder. Root drops its rights, because it may write everywhere. */
async function withReadOnlyFolder<T>(name: string, work: () => Promise<T>): Promise<T> {
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

describe.skipIf(process.platform === 'win32')('a read-only folder', () => {
  const ROWS = [1, 2, 3].map(n => `{"category":"c","key":"${n}"}`)

  it('an import runs without a progress file and reports the line to continue from', async () => {
    chmodSync(at('.'), 0o777)
    mkdirSync(at('disk'))
    writeFileSync(at('disk/good.jsonl'), ROWS.join('\n'))
    writeFileSync(at('disk/bad.jsonl'), [...ROWS, '{"category":"letsgo-x","key":"k"}'].join('\n'))
    const into = ['--store', `embedded:${at('other')}`, '--create-table']
    const [good, bad] = await withReadOnlyFolder('disk', async () => [
      await call('items', 'import', at('disk/good.jsonl'), ...into),
      await call('items', 'import', at('disk/bad.jsonl'), ...into),
    ])
    expect(good).toMatchObject({ code: 0, stderr: `using ${into[1]}, table partita-items\nimported 3 items\n` })
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/3 items are imported; .*--from-line=4/) })
    expect(readdirSync(at('disk')).sort()).toEqual(['bad.jsonl', 'good.jsonl'])
  })

  it('an export is refused with the path of its file', async () => {
    chmodSync(at('.'), 0o777)
    mkdirSync(at('disk'))
    const into = ['--store', `embedded:${at('other')}`, '--create-table']
    const error = await withReadOnlyFolder('disk', async () => {
      await call('items', 'put', LINE, ...into)
      return failure('items', 'export', 'c', '--out', at('disk/out.jsonl'), '--store', `embedded:${at('other')}`)
    })
    expect(error).toMatchObject({
      code: 'BadInput',
      message: `${at('disk/out.jsonl')} cannot be written: permission is denied`,
    })
  })
})

describe('a folder where a file should be', () => {
  it.each([
    ['in.jsonl.partita-import', ['import', 'in.jsonl']],
    ['out.jsonl.partita-export', ['export', 'c', '--out', 'out.jsonl']],
    ['out.jsonl.partial', ['export', 'c', '--out', 'out.jsonl']],
  ])('a folder at %s is reported as a folder', async (name, [command = '', ...args]) => {
    writeFileSync(at('in.jsonl'), LINE)
    mkdirSync(at(name))
    const given = args.map(it => (it.endsWith('.jsonl') ? at(it) : it))
    const error = await failure('items', command, ...given, ...store)
    expect(error).toMatchObject({
      code: 'BadInput',
      message: expect.stringMatching(/cannot be written: it is a folder/),
    })
  })

  it('an empty file name is reported as wrong usage', async () => {
    expect(await failure('items', 'export', 'c', '--out', '', ...store)).toMatchObject({ code: 'Usage' })
  })
})

describe('an export', () => {
  it.each(['out.jsonl.partial', 'out.jsonl.partita-export', 'out.jsonl.partita-export.new'])(
    'an export writes nothing through a link at %s',
    async name => {
      symlinkSync(at('victim'), at(name))
      expect(await call('items', 'export', 'c', '--out', at('out.jsonl'), ...store)).toMatchObject({ code: 0 })
      expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
      expect(readFileSync(at('out.jsonl'), 'utf8')).toBe(LINE)
      expect(lstatSync(at('out.jsonl')).isFile()).toBe(true)
    },
  )

  it.each(['symbolic link', 'link', 'file', 'dangling link'])(
    'an export replaces a %s only with --overwrite',
    async kind => {
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
    },
  )

  it('an exported file is open to its owner alone, or has the permissions of the file that it replaces', async () => {
    await call('items', 'export', 'c', '--out', at('new.jsonl'), ...store)
    expect(modeOf('new.jsonl')).toBe(0o600)
    writeFileSync(at('old.jsonl'), 'old')
    chmodSync(at('old.jsonl'), 0o640)
    await call('items', 'export', 'c', '--out', at('old.jsonl'), '--overwrite', ...store)
    expect(modeOf('old.jsonl')).toBe(0o640)
    expect(readFileSync(at('old.jsonl'), 'utf8')).toBe(LINE)
  })

  it.each(['symbolic link', 'link'])('a resumed export refuses a %s instead of its own partial file', async kind => {
    const what = JSON.stringify([`embedded:${at('store')} `, 'c', ''])
    const state = JSON.stringify({ what, nextToken: 'any', bytes: 0, items: 0 })
    writeFileSync(at('out.jsonl.partita-export'), state)
    const make = kind === 'link' ? linkSync : symlinkSync
    make(at('victim'), at('out.jsonl.partial'))
    const error = await failure('items', 'export', 'c', '--out', at('out.jsonl'), '--resume', ...store)
    expect(error.message).toMatch(/out\.jsonl.*(symbolic link|was not created by this command)/)
    expect(readFileSync(at('victim'), 'utf8')).toBe(PRECIOUS)
  })

  it.each(['.', 'pipe'])('an export replaces no folder or device: %s', async name => {
    if (name === 'pipe') execFileSync('mkfifo', [at('pipe')])
    const error = await failure('items', 'export', 'c', '--out', at(name), '--overwrite', ...store)
    expect(error.message).toMatch(/cannot be written: it is (a folder|not a regular file)/)
  })
})

describe('an import', () => {
  it.each(['in.jsonl.partita-import', 'in.jsonl.partita-import.new'])(
    'an import writes nothing through a link at %s, and its progress file is open to its owner alone',
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

  it('a resumed import reads no progress through a link', async () => {
    writeFileSync(at('in.jsonl'), LINE)
    symlinkSync(at('victim'), at('in.jsonl.partita-import'))
    const error = await failure('items', 'import', at('in.jsonl'), '--resume', ...store)
    expect(error.message).toMatch(/in\.jsonl\.partita-import cannot be read: it is a symbolic link/)
  })
})

describe('a store, a backup and a restored store', () => {
  it('each is in a folder that only its owner may enter', async () => {
    expect(modeOf('store')).toBe(0o700)
    await call('backup', at('copy'), '--path', at('store'))
    expect(modeOf('copy')).toBe(0o700)
    await call('restore', at('copy'), at('again'))
    expect(modeOf('again')).toBe(0o700)
  })

  it.each(['backup', 'restore'])('%s refuses a folder that is a symbolic link', async command => {
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

it('models are loaded without a cache in the shared temporary folder, where others could plant code', async () => {
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
  ])('%s is refused long before its end', async (name, message) => {
    writeFileSync(at(name), gzipSync(Buffer.alloc(MEGABYTES * 1024 * 1024, '{')))
    expect(lstatSync(at(name)).size).toBeLessThan(200_000)
    const args = name.endsWith('.json.gz') ? ['serve', '--memory', '--port', '0', '--seed'] : ['items', 'import']
    const more = name.endsWith('.json.gz') ? [] : store
    expect((await failure(...args, at(name), ...more)).message).toMatch(message)
  })
})
