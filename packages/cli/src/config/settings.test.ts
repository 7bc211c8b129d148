import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readSettings } from './settings.js'

const before = process.cwd()
let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'partita-settings-')))
  for (const name of ['STORE', 'TABLE', 'CONFIG', 'MODELS']) vi.stubEnv(`PARTITA_${name}`, '')
})

afterEach(() => {
  process.chdir(before)
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function write(files: Readonly<Record<string, string>>, current = '.') {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  mkdirSync(join(folder, current), { recursive: true })
  process.chdir(join(folder, current))
}

const CONFIG = "{ store: 'embedded:./data', table: 'app', models: './src/models.ts', codegen: { language: 'js' } }"

describe('the origin of a setting', () => {
  it('a flag comes before a variable, and a variable before the configuration file', async () => {
    write({ 'partita.config.json': '{"store":"embedded:./file","table":"file","region":"eu-west-1"}' })
    expect(await readSettings({})).toMatchObject({ store: 'embedded:./file', table: 'file', region: 'eu-west-1' })
    vi.stubEnv('PARTITA_STORE', 'embedded:./variable')
    vi.stubEnv('PARTITA_TABLE', 'variable')
    expect(await readSettings({})).toMatchObject({ store: 'embedded:./variable', table: 'variable' })
    expect(await readSettings({ store: 'embedded:./flag' })).toMatchObject({
      store: 'embedded:./flag',
      table: 'variable',
    })
  })

  it('without any of them the defaults apply, and models.yaml counts only if it exists', async () => {
    write({})
    const settings = {
      store: 'embedded:./.partita',
      table: undefined,
      out: 'models',
      models: undefined,
      configFile: undefined,
    }
    expect(await readSettings({})).toMatchObject(settings)
    write({ 'models.yaml': '' })
    expect(await readSettings({})).toMatchObject({ ...settings, models: 'models.yaml' })
  })

  it.each([
    [
      'partita.config.ts',
      `import type { TableLayout } from 'partita'\nexport default ${CONFIG} as { layout?: TableLayout }`,
    ],
    ['partita.config.mts', `export default ${CONFIG}`],
    ['partita.config.mjs', `export default ${CONFIG}`],
    ['partita.config.js', `module.exports = ${CONFIG}`],
    ['partita.config.json', `\uFEFF${CONFIG.replace(/(\w+):(?= )/g, '"$1":').replaceAll("'", '"')}`],
  ])('%s is found from a folder below it, and its paths are relative to it', async (name, text) => {
    write({ [name]: text, '.git/HEAD': '' }, 'src/inner')
    expect(await readSettings({})).toMatchObject({
      store: 'embedded:../../data',
      table: 'app',
      models: '../models.ts',
      out: '../../models',
      codegen: { language: 'js' },
      configFile: join(folder, name),
    })
  })
})

describe('the search for a configuration file', () => {
  it('the search ends at the root of the repository', async () => {
    write({ 'partita.config.json': '{"table":"other"}', 'repository/.git/HEAD': '' }, 'repository/src')
    expect((await readSettings({})).table).toBeUndefined()
  })

  it('outside a repository and the home folder only the current folder is searched, as others may write above', async () => {
    write({ 'partita.config.json': '{"table":"other"}' }, 'below')
    expect((await readSettings({})).table).toBeUndefined()
    vi.stubEnv('HOME', folder)
    expect((await readSettings({})).table).toBe('other')
  })

  it.skipIf(process.getuid?.() !== 0)(
    'a file of another user in a folder above is not loaded unless it is named',
    async () => {
      const { chownSync } = await import('node:fs')
      write({ 'partita.config.json': '{"table":"other"}', '.git/HEAD': '' }, 'below')
      chownSync(join(folder, 'partita.config.json'), 12_345, 12_345)
      vi.spyOn(process as { getuid(): number }, 'getuid').mockReturnValue(4242)
      try {
        await expect(readSettings({})).rejects.toThrow(/belongs to another user.*--config/)
        expect((await readSettings({ config: '../partita.config.json' })).table).toBe('other')
      } finally {
        vi.restoreAllMocks()
      }
    },
  )

  it('a file that --config or PARTITA_CONFIG names replaces the search', async () => {
    write({ 'partita.config.json': '{"table":"found"}', 'other.json': '{"table":"named"}' })
    expect((await readSettings({ config: 'other.json' })).table).toBe('named')
    vi.stubEnv('PARTITA_CONFIG', 'other.json')
    expect((await readSettings({})).table).toBe('named')
    await expect(readSettings({ config: 'missing.json' })).rejects.toThrow(
      'there is no configuration file missing.json',
    )
  })
})

describe('a configuration file that cannot be used', () => {
  it.each([
    ['{"tabel":"x"}', 'partita.config.json: tabel is not a setting; did you mean table?'],
    ['{"colour":"red"}', /colour is not a setting; there are store, table/],
    ['{"__proto__":{"table":"x"}}', /__proto__ is not a setting/],
    ['{"table":7}', 'partita.config.json: table must be a text that is not empty'],
    ['{"store":""}', 'partita.config.json: store must be a text that is not empty'],
    ['{"codegen":{"language":"go"}}', 'partita.config.json: codegen language must be "ts" or "js"'],
    ['{"layout":{"indexes":{"gsi1":{"pk":"a"},"x":3}}}', /layout indexes x: must be an object of settings/],
    ['[]', 'partita.config.json: must be an object of settings'],
    ['null', 'partita.config.json: must be an object of settings'],
    ['{', /partita\.config\.json is not JSON/],
  ])('the file %s is refused by what is wrong', async (text, message) => {
    write({ 'partita.config.json': text })
    await expect(readSettings({})).rejects.toThrow(message)
  })

  it('the message of a module that throws is shown with its file', async () => {
    write({ 'partita.config.mjs': 'throw new Error("no luck")' })
    await expect(readSettings({})).rejects.toThrow('partita.config.mjs cannot be loaded: no luck')
  })
})

it('an empty flag is refused', async () => {
  write({})
  await expect(readSettings({ table: '' })).rejects.toThrow('--table is empty')
  await expect(readSettings({ config: '' })).rejects.toThrow('--config is empty')
})
