/** Processes in containers of their own, which share the folder of a store but not their process ids. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const opener = fileURLToPath(new URL('contained-opener.mjs', import.meta.url))
/** Runs a program as process 1 of a new namespace of process ids, as containers do. */
const UNSHARE = ['--pid', '--fork', '--mount-proc']
let path: string

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'partita-containers-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

function canUnshare(): boolean {
  try {
    execFileSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Starts a process that opens the store, says how that went, and closes it when its standard input ends. */
function start() {
  const child = spawn('unshare', [...UNSHARE, process.execPath, opener, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = once(child.stdout, 'data').then(([text]) => JSON.parse(String(text)))
  const ended = once(child, 'close')
  return { child, said, ended }
}

it.runIf(canUnshare())('a process of another container with the same process id is refused with a reason', async () => {
  const first = start()
  expect(await first.said).toEqual({ pid: 1 })
  const second = start()
  expect(await second.said).toEqual({ code: 'StoreUnusable', message: expect.stringContaining('process id, 1,') })
  expect(await second.ended).toEqual([0, null])
  first.child.stdin.end()
  expect(await first.ended).toEqual([0, null])
})

it.runIf(canUnshare())('a process waits while a container that ends has its process id', async () => {
  const first = start()
  await first.said
  const second = start()
  setTimeout(() => first.child.stdin.end(), 2000)
  expect(await second.said).toEqual({ pid: 1 })
  second.child.stdin.end()
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    [0, null],
    [0, null],
  ])
})
