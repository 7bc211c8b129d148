/** The behaviour on a terminal, tested on a pseudo-terminal that Python creates. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canRunOnTerminal, runOnTerminal } from './on-terminal.js'
import { type Workplace, workplace } from './partita.js'

const onTerminal = (cli: Workplace, type: string, ...args: string[]) =>
  runOnTerminal(cli, type === '' ? undefined : { when: 'No', type }, ...args)

describe.skipIf(!canRunOnTerminal)('on a terminal', () => {
  const LINES = ['a1', 'a2', 'b1'].map(key => `{"category":"c","key":"${key}"}\n`).join('')

  it('items delete --prefix asks with the number of items, and deletes after a yes', async () => {
    const cli = workplace()
    await cli.pipe(LINES, 'items', 'import', '-')
    const { code, shown } = await onTerminal(cli, 'y', 'items', 'delete', 'c', 'a', '--prefix')
    expect(shown).toContain('Delete 2 items of category "c" with keys that begin with "a"?')
    expect(shown).toContain('deleted 2 items')
    expect(code).toBe(0)
    expect((await cli.run('items', 'list', 'c')).stdout).toBe('b1\n')
  })

  it.each([
    ['n', 'n'],
    ['Enter', '\r'],
    ['Escape', '\u001b'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('an answer of %s is treated as no', async (_, key) => {
    const cli = workplace()
    await cli.pipe(LINES, 'items', 'import', '-')
    const { code, shown } = await onTerminal(cli, key, 'items', 'delete', 'c', '--prefix')
    expect(shown).toContain('Delete 3 items')
    expect(shown).toContain('the answer was no; nothing was done')
    expect(code).toBe(4)
    expect((await cli.run('items', 'list', 'c')).stdout).toBe('a1\na2\nb1\n')
  })

  it('an import shows its progress on a terminal, and prints no bar or escape elsewhere', async () => {
    const cli = workplace()
    const lines = Array.from({ length: 5000 }, (_, n) => `{"category":"c","key":"${n}"}\n`)
    writeFileSync(join(cli.folder, 'many.jsonl'), lines.join(''))
    const { code, shown } = await onTerminal(cli, '', 'items', 'import', 'many.jsonl')
    expect(code).toBe(0)
    expect(shown).toMatch(/█.*░+ +\d+% {2}\d+ items imported/)
    expect(shown).toMatch(/imported 5,000 items\r\n$/)
    expect((await cli.run('items', 'import', 'many.jsonl')).stderr).toBe(`${cli.using}imported 5,000 items\n`)
  })
})

describe.skipIf(!canRunOnTerminal)('data commands on a terminal', () => {
  const onTable = ['--table', 'partita-items']

  async function withItems(): Promise<Workplace> {
    const cli = workplace()
    await cli.pipe('{"category":"c","key":"a","n":1}\n{"category":"c","key":"bb","n":22}\n', 'items', 'import', '-')
    return cli
  }

  it('lists are aligned columns, and the line that names the store precedes them', async () => {
    const { code, shown } = await onTerminal(await withItems(), '', 'list', ...onTable)
    const [using, ...rows] = shown.trimEnd().split('\r\n')
    expect(using).toMatch(/^using embedded:.*, table partita-items$/)
    expect(rows.map(row => row.trimEnd())).toEqual(['category  key  n', 'c         a    1', 'c         bb   22'])
    expect(code).toBe(0)
  })

  it('get, put, update, count and delete print the same on a terminal as elsewhere', async () => {
    const cli = await withItems()
    const key = ['category=c', 'key=x']
    const row = (n: number) => `{\r\n  "category": "c",\r\n  "key": "x",\r\n  "n": ${n}\r\n}`
    expect(await onTerminal(cli, '', 'put', ...key, 'n:=1', ...onTable)).toMatchObject({
      code: 0,
      shown: expect.stringContaining(row(1)),
    })
    expect((await onTerminal(cli, '', 'update', ...key, 'n+=1', ...onTable)).shown).toContain(row(2))
    expect((await onTerminal(cli, '', 'get', ...key, ...onTable)).shown).toContain(row(2))
    expect((await onTerminal(cli, '', 'query', 'category=c', 'key^=x', ...onTable)).shown).toContain('c         x    2')
    expect((await onTerminal(cli, '', 'delete', ...key, ...onTable)).shown).toContain(row(2))
    expect((await onTerminal(cli, '', 'count', ...onTable)).shown).toMatch(/\r\n2\r\n$/)
  })
})
