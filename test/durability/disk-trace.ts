/**
 * What processes write to a file and when they flush it, recorded by `strace`. From the recording, the states in which a
 * power failure at any moment may leave the file can be made.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from '../models/random/dice.js'

/** The part of a page that a disk writes whole or not at all. */
const SECTOR = 512
const CALLS =
  'clone,clone3,fork,vfork,openat,close,write,writev,pwrite64,pwritev,pwritev2,lseek,ftruncate,fallocate,fsync,fdatasync'

/** A write to the file. Moments are lines of the recording. */
interface Written {
  readonly offset: number
  readonly bytes: Buffer
  readonly begun: number
  readonly ended: number
  /** Whether the call returns after the bytes are on disk (`O_DSYNC`). */
  readonly isDurable: boolean
}

interface Flush {
  readonly begun: number
  readonly ended: number
}

/** A recording of one file, and of the lines that the processes printed. */
export interface DiskTrace {
  readonly writes: readonly Written[]
  readonly flushes: readonly Flush[]
  readonly lines: readonly { readonly at: number; readonly text: string }[]
}

/** Which of the writes that no flush has confirmed are on disk: none, all, or some sectors of some of them. */
export type Survivors = 'none' | 'all' | 'some'

/** Why recordings cannot be made here; undefined if they can. */
export function traceObstacle(): string | undefined {
  const { status, stderr, error } = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (error) return 'strace is not installed'
  return status === 0 ? undefined : `strace cannot trace processes here: ${stderr.trim()}`
}

/** Runs a program of Node and records what it and its child processes do with one file. */
export function traceDisk(file: string, program: readonly string[], folder: string): DiskTrace {
  const output = join(folder, 'trace')
  const options = [
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-v',
    '-xx',
    '-s',
    '67108864',
    '-e',
    'signal=none',
    '-e',
    `trace=${CALLS}`,
    '-o',
    output,
  ]
  const { stderr } = spawnSync('strace', [...options, process.execPath, ...program], { encoding: 'utf8' })
  if (stderr) throw new Error(stderr)
  return readTrace(readFileSync(output, 'latin1').split('\n'), file)
}

/** The file as a power failure at a moment leaves it. @param before the file before the recording, which was on disk. */
export function afterPowerFailure(
  { writes, flushes }: DiskTrace,
  before: Buffer,
  moment: number,
  survivors: Survivors,
  dice: Dice,
): Buffer {
  const confirmed = flushes.filter(({ ended }) => ended < moment).map(({ begun }) => begun)
  const lastFlush = Math.max(-1, ...confirmed)
  const begun = writes.filter(write => write.begun < moment)
  const image = Buffer.alloc(Math.max(before.length, ...begun.map(({ offset, bytes }) => offset + bytes.length)))
  let length = before.copy(image)
  for (const { offset, bytes, ended, isDurable } of begun) {
    const isOnDisk = ended < lastFlush || (isDurable && ended < moment)
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, (Math.floor((offset + start) / SECTOR) + 1) * SECTOR - offset)
      if (isOnDisk || survivors === 'all' || (survivors === 'some' && dice.chance(50))) {
        bytes.copy(image, offset + start, start, end)
        length = Math.max(length, offset + end)
      }
      start = end
    }
  }
  return image.subarray(0, length)
}

interface Call {
  readonly thread: string
  readonly name: string
  readonly text: string
  readonly result: number
  readonly begun: number
  readonly ended: number
}

/** Another thread may run between the begin and the end of a call, which are two lines then. */
function callsOf(lines: readonly string[]): Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, { readonly text: string; readonly begun: number }>()
  for (const [at, line] of lines.entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const cut = rest.indexOf(' <unfinished ...>')
    if (cut >= 0) {
      unfinished.set(thread, { text: rest.slice(0, cut), begun: at })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest)
    const first = resumed ? unfinished.get(thread) : undefined
    unfinished.delete(thread)
    const text = first ? first.text + rest.slice(resumed?.[0].length) : rest
    const result = Number(text.slice(text.lastIndexOf(' = ') + 3).split(' ')[0])
    calls.push({ thread, name: nameOf(text), text, result, begun: first?.begun ?? at, ended: at })
  }
  // The process is killed at its end, maybe in the middle of a call.
  for (const [thread, { text, begun }] of unfinished) {
    calls.push({ thread, name: nameOf(text), text, result: Number.NaN, begun, ended: Number.POSITIVE_INFINITY })
  }
  return calls.sort((a, b) => a.begun - b.begun)
}

function nameOf(text: string): string {
  return text.slice(0, text.indexOf('('))
}

/** Finds the process of each thread, since a descriptor belongs to a process. */
function processesOf(calls: readonly Call[]): (thread: string) => string {
  const makers = new Map<string, string>()
  for (const { thread, text, result } of calls) if (text.includes('CLONE_THREAD')) makers.set(String(result), thread)
  return thread => {
    let found = thread
    for (let maker = makers.get(found); maker !== undefined; maker = makers.get(found)) found = maker
    return found
  }
}

function readTrace(recorded: readonly string[], file: string): DiskTrace {
  const writes: Written[] = []
  const flushes: Flush[] = []
  const lines: { at: number; text: string }[] = []
  const open = new Map<string, { readonly isDurable: boolean; position: number }>()
  const calls = callsOf(recorded)
  const processOf = processesOf(calls)
  for (const { thread, name, text, result, begun, ended } of calls) {
    const number = /^\w+\((\d+)/.exec(text)?.[1]
    const descriptor = `${number} of ${processOf(thread)}`
    if (name === 'openat') {
      const isDurable = /O_D?SYNC/.test(text)
      if (strings(text)[0]?.toString() === file)
        open.set(`${result} of ${processOf(thread)}`, { isDurable, position: 0 })
      continue
    }
    if (number === '1' && name === 'write') lines.push({ at: begun, text: String(strings(text)[0]).trimEnd() })
    const opened = open.get(descriptor)
    if (!opened) continue
    const numbers = [...text.slice(0, text.lastIndexOf(')')).matchAll(/, (\d+)(?=[,)]|$)/g)].map(found =>
      Number(found[1]),
    )
    switch (name) {
      case 'close':
        open.delete(descriptor)
        break
      case 'fsync':
      case 'fdatasync':
        flushes.push({ begun, ended })
        break
      case 'lseek':
        opened.position = result
        break
      default: {
        if (!/^p?writev?2?(64)?$/.test(name)) throw new Error(`The recording has a call that is not known: ${name}`)
        const bytes = Buffer.concat(strings(text))
        if (result !== bytes.length && Number.isFinite(ended)) throw new Error(`The recording has a partial ${name}`)
        const offset = name.startsWith('p') ? (numbers.at(-1) as number) : opened.position
        if (!name.startsWith('p')) opened.position += bytes.length
        writes.push({ offset, bytes, begun, ended, isDurable: opened.isDurable })
      }
    }
  }
  return { writes, flushes, lines }
}

/** The strings of a call, which `-xx` prints as bytes in hex. */
function strings(text: string): Buffer[] {
  return [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex'),
  )
}
