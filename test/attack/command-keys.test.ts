/** Secrets of a running server, as other users of the machine could see them. */
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { workplace } from '../cli/partita.js'

const SECRET = 'very-secret-word'

it.skipIf(!existsSync('/proc/self/cmdline')).each(['--key-file', 'PARTITA_KEYS', '--key'])(
  'a secret given by %s is not in the process list, and is not printed',
  async way => {
    const place = workplace()
    const args = ['serve', '--path', 'data', '--port', '0']
    if (way === '--key-file') {
      writeFileSync(join(place.folder, 'keys'), `AKID:${SECRET}\n`)
      chmodSync(join(place.folder, 'keys'), 0o600)
      args.push('--key-file', 'keys')
    }
    if (way === 'PARTITA_KEYS') place.env.PARTITA_KEYS = `AKID:${SECRET}`
    if (way === '--key') args.push('--key', `AKID:${SECRET}`)
    const { child, ended } = place.start(...args)
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(SECRET)
    expect(statSync(join(place.folder, 'data')).mode & 0o777).toBe(0o700)
    const unsigned = await fetch(String(line).trim(), { method: 'POST', body: '{}' })
    expect(unsigned.ok).toBe(false)
    child.kill()
    const { stdout, stderr } = await ended
    expect(stdout + stderr).not.toContain(SECRET)
    expect(/warning: secrets given by --key can be read in the process list/.test(stderr)).toBe(way === '--key')
  },
)
