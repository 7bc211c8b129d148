/** Transfers on a pseudo-terminal, which Python creates: the progress bar, a question, and Ctrl-C as a key. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAIN, type Workplace, workplace } from '../partita.js'
import { fill, itemsOf } from './tables.js'

/** Runs a command on a pseudo-terminal and types a key each time the awaited text appears, at most once. */
const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
wait, key, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
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
    if key and wait in shown:
        os.write(terminal, key)
        key = b''
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

const probe = spawnSync('python3', ['-c', 'import fcntl, os, pty, termios; os.waitstatus_to_exitcode'])
const hasTerminal = probe.status === 0

async function onTerminal({ folder, env }: Workplace, wait: string, key: string, ...args: string[]) {
  const command = ['-c', ON_TERMINAL, wait, key, process.execPath, MAIN, ...args]
  const child = spawn('python3', command, { cwd: folder, env: { ...env, CI: '' }, stdio: 'pipe' })
  let shown = ''
  child.stdout.on('data', text => {
    shown += text
  })
  const [code] = await once(child, 'close')
  return { code, shown }
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  it('an import shows a bar, Ctrl-C stops it with 130, and --resume writes the rest', async () => {
    const cli = workplace()
    const store = cli.env.PARTITA_STORE as string
    await fill(store, [])
    const lines = Array.from({ length: 1000 }, (_, n) => `{"pk":"p","sk":${n},"text":"${'x'.repeat(900)}"}\n`)
    writeFileSync(join(cli.folder, 'many.jsonl'), lines.join(''))
    const args = ['import', 'many.jsonl', '--table', 'app', '--rate', '300']
    const { code, shown } = await onTerminal(cli, '%', '\u0003', ...args)
    expect(code).toBe(130)
    expect(shown).toMatch(/█+░+ +\d+% {2}\d+ items read/)
    expect(shown).toMatch(
      /error: stopped; imported \d+ items; continue with: partita import .*--resume many\.jsonl\r\n$/,
    )
    expect((await cli.run('import', 'many.jsonl', '--table', 'app', '--resume')).code).toBe(0)
    expect(await itemsOf(store)).toHaveLength(1000)
  })

  it('CSV on a terminal has no escape sequences of the data', async () => {
    const cli = workplace()
    await fill(cli.env.PARTITA_STORE as string, [{ pk: 'a', sk: 1, text: '\u001b[2J' }])
    const { code, shown } = await onTerminal(cli, '', '', 'export', '--table', 'app', '--format', 'csv')
    expect({ code, text: shown.includes('a,1,\\u001b[2J'), raw: shown.includes('\u001b[2J') }).toEqual({
      code: 0,
      text: true,
      raw: false,
    })
  })
})
