/** `partita init`: the created project runs at once, and nothing that exists is changed. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { call, folder } from './in-process.js'

const MODULES = new URL('../../node_modules', import.meta.url).pathname

/** A folder with the packages installed, and programs that run in it without a store in the environment. */
function projectFolder() {
  const path = folder()
  const at = path('.')
  symlinkSync(MODULES, path('node_modules'))
  const { PARTITA_STORE: _, ...env } = process.env
  const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: at, env, encoding: 'utf8' })
  const init = async (...args: string[]) => {
    const { code, stdout, stderr } = await call('init', at, ...args, '--json')
    const { data, error } = JSON.parse(stdout || `{"error":${JSON.stringify(stderr)}}`)
    return { code, data, error }
  }
  return { path, node, jiti: (file: string) => node(join(MODULES, 'jiti/lib/jiti-cli.mjs'), file), init }
}

describe('partita init', () => {
  it('A TypeScript project compiles in strict mode without the types of Node, runs, and keeps its rows', async () => {
    const { path, node, jiti, init } = projectFolder()
    const { code, data } = await init()
    expect(code).toBe(0)
    expect(data.next).toEqual([`cd ${path('.')}`, 'npx jiti example.ts'])
    expect(jiti('example.ts')).toBe('Posts by Ada: 1\n')
    expect(jiti('example.ts')).toBe('Posts by Ada: 2\n')
    expect(node(join(MODULES, 'typescript/bin/tsc'), '--typeRoots', 'none')).toBe('')
  })

  it('A folder without a package becomes one, whose TypeScript is made of modules', async () => {
    const { path, init } = projectFolder()
    await init()
    expect(JSON.parse(readFileSync(path('package.json'), 'utf8'))).toEqual({ private: true, type: 'module' })
    await call('init', path('inner'))
    expect(existsSync(path('inner/package.json'))).toBe(false)
  })

  it('A new user is shown how to install both packages', async () => {
    const { stdout } = await call('init', folder()('.'), '--json')
    expect(JSON.parse(stdout).data.next).toContain('npm install partita @partita/cli')
  })

  it('A JavaScript project runs', async () => {
    const { node, init } = projectFolder()
    expect(await init('--template', 'javascript', '--table', 'mine')).toMatchObject({ code: 0 })
    expect(node('example.mjs')).toBe('Posts by Ada: 1\n')
  })

  it('A YAML project has the generated models and runs', async () => {
    const { path, jiti, init } = projectFolder()
    const { data } = await init('--template', 'yaml', '--store', 'embedded:./data')
    expect(data.created).toContain('models/user.ts')
    expect(jiti('example.ts')).toBe('Posts by Ada: 1\n')
    expect(existsSync(path('data'))).toBe(true)
  })

  it('A project of active records in a package of ES modules runs, and the package stays as it is', async () => {
    const { path, node, init } = projectFolder()
    writeFileSync(path('package.json'), '{ "type": "module" }')
    await init('--template', 'active-record')
    expect(node('example.js')).toBe('Posts by Ada: 1\n')
    expect(readFileSync(path('package.json'), 'utf8')).toBe('{ "type": "module" }')
  })

  it('Files that exist stay as they are, links and folders too, and are named', async () => {
    const { path, init } = projectFolder()
    writeFileSync(path('models.ts'), 'mine')
    symlinkSync(path('elsewhere'), path('example.ts'))
    mkdirSync(path('.gitignore'))
    expect((await init()).data.kept).toEqual(['.gitignore', 'models.ts', 'example.ts'])
    expect(readFileSync(path('models.ts'), 'utf8')).toBe('mine')
    expect(existsSync(path('elsewhere'))).toBe(false)
  })

  it('A project in another folder begins with the way there', async () => {
    const path = folder()
    const { stdout } = await call('init', path('a shop'), '--template', 'javascript', '--json')
    expect(JSON.parse(stdout).data.next[0]).toBe(`cd '${path('a shop')}'`)
    expect(existsSync(path('a shop/models.mjs'))).toBe(true)
  })

  it('A project on DynamoDB begins with the creation of its table', async () => {
    const { init } = projectFolder()
    expect((await init('--store', 'dynamodb://eu-west-1')).data.next).toContain('npx partita table create')
  })

  it.each([
    [['--template', 'typescrip'], 'typescrip'],
    [['--store', 'mysql://here'], '--store'],
    [['--table', ''], '--table'],
    [['--table', "it's mine"], '--table'],
  ])('The options %j are refused and nothing is created', async (args, named) => {
    const { path, init } = projectFolder()
    const { code, error } = await init(...args)
    expect(code).toBe(2)
    expect(error.message).toContain(named)
    expect(existsSync(path('partita.config.json'))).toBe(false)
  })
})
