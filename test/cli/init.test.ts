/** `partita init`: the created project runs at once, and nothing that exists is changed. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { workplace } from './partita.js'

const MODULES = new URL('../../node_modules', import.meta.url).pathname

/** A workplace with the packages installed, and without a store in the environment. */
function projectFolder() {
  const cli = workplace()
  delete cli.env.PARTITA_STORE
  symlinkSync(MODULES, join(cli.folder, 'node_modules'))
  const node = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: cli.folder, env: cli.env, encoding: 'utf8' })
  return { ...cli, node, jiti: (path: string) => node(join(MODULES, 'jiti/lib/jiti-cli.mjs'), path) }
}

describe('partita init', () => {
  it('A TypeScript project compiles in strict mode without the types of Node, runs, and keeps its rows', async () => {
    const { run, node, jiti } = projectFolder()
    const { code, stdout, stderr } = await run('init')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('npx jiti example.ts')
    expect(jiti('example.ts')).toBe('Posts by Ada: 1\n')
    expect(jiti('example.ts')).toBe('Posts by Ada: 2\n')
    expect(node(join(MODULES, 'typescript/bin/tsc'), '--typeRoots', 'none')).toBe('')
  })

  it('A folder without a package becomes one, whose TypeScript is made of modules', async () => {
    const { folder, run } = projectFolder()
    await run('init')
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toEqual({ private: true, type: 'module' })
    await run('init', 'inner')
    expect(existsSync(join(folder, 'inner/package.json'))).toBe(false)
  })

  it('A new user is shown how to install both packages', async () => {
    const { json } = workplace()
    const { data } = await json('init')
    expect(data.next).toEqual(['npm install partita @partita/cli', 'npx jiti example.ts'])
  })

  it('A JavaScript project runs', async () => {
    const { run, node } = projectFolder()
    expect(await run('init', '--template', 'javascript', '--table', "it's mine")).toMatchObject({ code: 2 })
    expect(await run('init', '--template', 'javascript', '--table', 'mine')).toMatchObject({ code: 0 })
    expect(node('example.mjs')).toBe('Posts by Ada: 1\n')
  })

  it('A YAML project has the generated models and runs', async () => {
    const { run, node, jiti } = projectFolder()
    expect(await run('init', '--template', 'yaml', '--store', 'embedded:./data')).toMatchObject({ code: 0 })
    expect(jiti('example.ts')).toBe('Posts by Ada: 1\n')
    expect(node(join(MODULES, 'typescript/bin/tsc'))).toBe('')
    expect(await run('codegen', '--check')).toMatchObject({ code: 0 })
  })

  it.each(['commonjs', 'module'])('A project of active records runs in a package of type %s', async type => {
    const { folder, run, node } = projectFolder()
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
    expect(await run('init', '--template', 'active-record')).toMatchObject({ code: 0 })
    expect(node('example.js')).toBe('Posts by Ada: 1\n')
    expect(node('example.js')).toBe('Posts by Ada: 2\n')
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toEqual({ type })
  })

  it('Files that exist stay as they are, links and folders too, and are named', async () => {
    const { folder, json } = projectFolder()
    writeFileSync(join(folder, 'models.ts'), 'mine')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'example.ts'))
    mkdirSync(join(folder, '.gitignore'))
    const { data } = await json('init')
    expect(data.kept).toEqual(['.gitignore', 'models.ts', 'example.ts'])
    expect(readFileSync(join(folder, 'models.ts'), 'utf8')).toBe('mine')
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
  })

  it('A project in another folder begins with the way there', async () => {
    const { json } = projectFolder()
    const { data } = await json('init', 'a shop', '--template', 'javascript')
    expect(data.created).toContain('models.mjs')
    expect(data.next).toEqual(["cd 'a shop'", 'node example.mjs'])
  })

  it('A project on DynamoDB begins with the creation of its table', async () => {
    const { json } = projectFolder()
    const { data } = await json('init', '--store', 'dynamodb://eu-west-1')
    expect(data.next[0]).toBe('npx partita table create')
  })

  it.each([
    [['--template', 'typescrip'], 'typescrip'],
    [['--store', 'mysql://here'], '--store'],
    [['--table', ''], '--table'],
  ])('The options %j are refused and nothing is created', async (args, named) => {
    const { folder, run } = projectFolder()
    const { code, stderr } = await run('init', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(named)
    expect(existsSync(join(folder, 'partita.config.json'))).toBe(false)
  })
})
