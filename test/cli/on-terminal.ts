/** Runs a command on a pseudo-terminal, which Python creates. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { MAIN, type Workplace } from './partita.js'

/** Types the keys as soon as the text appears, prints all output and exits with the command's code. */
const PROGRAM = `
import fcntl, os, pty, struct, sys, termios
text, keys, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
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
    if keys and text in shown:
        os.write(terminal, keys)
        keys = b''
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

/** Whether this machine can run it: with python3 (3.9 or later) and its pty module. */
export const canRunOnTerminal = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
if (!canRunOnTerminal)
  console.warn('Skipping tests on a terminal: they need python3 (3.9 or later) with its pty module.')

/** @param answer keys to type when a text appears. */
export async function runOnTerminal(
  { folder, env }: Workplace,
  answer: { readonly when: string; readonly type: string } | undefined,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const command = ['-c', PROGRAM, answer?.when ?? '', answer?.type ?? '', process.execPath, MAIN, ...args]
  // Node prints no colours where CI is set, even to an empty text.
  const { CI: _, ...interactive } = env
  const child = spawn('python3', command, { cwd: folder, env: interactive, stdio: 'pipe' })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
  })
  const [code] = await once(child, 'close')
  return { code, shown }
}
