/** The behaviour on a terminal, tested on a pseudo-terminal that Python creates. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAIN, type Workplace, workplace } from './partita.js'

/** Runs a command on a pseudo-terminal, types the keys at the prompt, prints its output and exits with its code. */
const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
keys, command = sys.argv[1].encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
    os.execvp(command[0], command)
shown = b''
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
    if keys and b'?' in shown and b'No' in shown:
        os.write(terminal, keys)
        keys = b''
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

const probe = spawnSync('python3', ['-c', 'import fcntl, os, pty, termios; os.waitstatus_to_exitcode'])
const hasTerminal = probe.status === 0
if (!hasTerminal)
  console.warn('Skipping the tests on a terminal: they need python3 (3.9 or later) with its pty module.')

function onTerminal({ folder, env }: Workplace, keys: string, ...args: string[]) {
  const command = ['-c', ON_TERMINAL, keys, process.execPath, MAIN, ...args]
  const options = { cwd: folder, env: { ...env, CI: '' }, encoding: 'utf8', timeout: 30_000 } as const
  const { status, stdout } = spawnSync('python3', command, options)
  return { code: status, shown: stdout }
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const LINES = ['a1', 'a2', 'b1'].map(key => `{"category":"c","key":"${key}"}\n`).join('')

  it('items delete --prefix asks with the number of items, and deletes after a yes', async () => {
    const cli = workplace()
    await cli.pipe(LINES, 'items', 'import', '-')
    const { code, shown } = onTerminal(cli, 'y', 'items', 'delete', 'c', 'a', '--prefix')
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
    const { code, shown } = onTerminal(cli, key, 'items', 'delete', 'c', '--prefix')
    expect(shown).toContain('Delete 3 items')
    expect(shown).toContain('the answer was no; nothing was done')
    expect(code).toBe(4)
    expect((await cli.run('items', 'list', 'c')).stdout).toBe('a1\na2\nb1\n')
  })

  it('an import shows its progress on a terminal, and prints no bar or escape elsewhere', async () => {
    const cli = workplace()
    const lines = Array.from({ length: 5000 }, (_, n) => `{"category":"c","key":"${n}"}\n`)
    writeFileSync(join(cli.folder, 'many.jsonl'), lines.join(''))
    const { code, shown } = onTerminal(cli, '', 'items', 'import', 'many.jsonl')
    expect(code).toBe(0)
    expect(shown).toMatch(/█.*░+ +\d+% {2}\d+ items imported/)
    expect(shown).toMatch(/imported 5,000 items\r\n$/)
    expect((await cli.run('items', 'import', 'many.jsonl')).stderr).toBe(`${cli.using}imported 5,000 items\n`)
  })
})

describe.skipIf(!hasTerminal)('data commands on a terminal', () => {
  const onTable = ['--table', 'partita-items']

  async function withItems(): Promise<Workplace> {
    const cli = workplace()
    await cli.pipe('{"category":"c","key":"a","n":1}\n{"category":"c","key":"bb","n":22}\n', 'items', 'import', '-')
    return cli
  }

  it('lists are aligned columns, and the line that names the store precedes them', async () => {
    const { code, shown } = onTerminal(await withItems(), '', 'list', ...onTable)
    const [using, ...rows] = shown.trimEnd().split('\r\n')
    expect(using).toMatch(/^using embedded:.*, table partita-items$/)
    expect(rows.map(row => row.trimEnd())).toEqual(['category  key  n', 'c         a    1', 'c         bb   22'])
    expect(code).toBe(0)
  })

  it('get, put, update, count and delete print the same on a terminal as elsewhere', async () => {
    const cli = await withItems()
    const key = ['category=c', 'key=x']
    const row = (n: number) => `{\r\n  "category": "c",\r\n  "key": "x",\r\n  "n": ${n}\r\n}`
    expect(onTerminal(cli, '', 'put', ...key, 'n:=1', ...onTable)).toMatchObject({
      code: 0,
      shown: expect.stringContaining(row(1)),
    })
    expect(onTerminal(cli, '', 'update', ...key, 'n+=1', ...onTable).shown).toContain(row(2))
    expect(onTerminal(cli, '', 'get', ...key, ...onTable).shown).toContain(row(2))
    expect(onTerminal(cli, '', 'query', 'category=c', 'key^=x', ...onTable).shown).toContain('c         x    2')
    expect(onTerminal(cli, '', 'delete', ...key, ...onTable).shown).toContain(row(2))
    expect(onTerminal(cli, '', 'count', ...onTable).shown).toMatch(/\r\n2\r\n$/)
  })
})
