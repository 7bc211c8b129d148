/** Examines a store on this machine: its folder, its disk, and whether it can be opened. Nothing is changed. */
import { existsSync, readdirSync, readlinkSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type EmbeddedStore, embedded } from 'partita/embedded'
import { existingFolder } from '../file/folders.js'
import { count } from '../terminal/progress.js'
import { type Finding, messageOf, ok, problem, warning } from './finding.js'

const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'
const MEGABYTE = 2 ** 20
const LITTLE_SPACE = 256 * MEGABYTE
const OTHERS = 0o077

/** File systems whose locks or memory maps are not shared by all who use them, by their number in Linux. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
])

/**
 * Examines the folder of a store.
 * @returns the findings, and the store, opened for reading; undefined if it cannot be opened.
 */
export function localFindings(folder: string): readonly [Finding[], EmbeddedStore | undefined] {
  if (!existsSync(join(folder, DATA_FILE))) {
    const remedy = 'start the program, or run "partita table create"; name another store with --store'
    return [[warning('store', `there is no store at ${folder} yet`, remedy), ...diskFindings(folder)], undefined]
  }
  const found = [...permissionFindings(folder), ...diskFindings(folder), ...lockFindings(folder)]
  try {
    const store = embedded({ path: folder, readOnly: true })
    return [[ok('store', `${folder} can be opened`), ...found, ...jobFindings(store)], store]
  } catch (error) {
    const remedy = 'restore it from a backup with "partita restore", or name another store with --store'
    return [[problem('store', messageOf(error), remedy), ...found], undefined]
  }
}

function permissionFindings(folder: string): Finding[] {
  const mode = statSync(folder).mode & OTHERS
  if (mode === 0 || process.platform === 'win32') return [ok('permissions', 'only the owner can read the store')]
  const message = `other users can enter ${folder}`
  return [warning('permissions', message, `chmod 700 ${folder}, unless the store is shared on purpose`)]
}

function diskFindings(folder: string): Finding[] {
  const existing = existingFolder(resolve(folder))
  const { bavail, bsize, type } = statfsSync(existing)
  const free = bavail * bsize
  const file = statSync(join(folder, DATA_FILE), { throwIfNoEntry: false })
  const size = file === undefined ? '' : `; the store has ${megabytes(file.size)}`
  const message = `${megabytes(free)} are free${size}`
  // The number is signed on some platforms.
  const remote = REMOTE.get(type >>> 0)
  const where = remote === undefined ? [] : [remoteFinding(folder, remote)]
  if (free === 0) return [...where, problem('disk', 'the disk is full', 'free space: writes fail until then')]
  const isLow = free < LITTLE_SPACE || (file !== undefined && free < file.size)
  if (!isLow) return [...where, ok('disk', message)]
  return [...where, warning('disk', message, 'free space: a backup or "partita restore" needs as much as the store')]
}

function remoteFinding(folder: string, system: string): Finding {
  const remedy = 'move the store to a disk of this machine; share it with "partita serve"'
  return problem('file system', `${folder} is on ${system}, which does not share locks and memory maps`, remedy)
}

/** The processes that have the store open. Those of other users can be seen by root alone. */
function lockFindings(folder: string): Finding[] {
  const lock = join(folder, LOCK_FILE)
  if (!existsSync(lock)) return [ok('locks', 'no process has opened the store since it was copied')]
  if (process.platform !== 'linux') return []
  const path = realpathSync(lock)
  const users = readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && Number(pid) !== process.pid && opens(pid, path))
  if (users.length === 0) return [ok('locks', 'no other process of yours has the store open')]
  return [ok('locks', `the store is open in ${users.length === 1 ? 'process' : 'the processes'} ${users.join(', ')}`)]
}

function opens(pid: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(descriptor => readlinkSync(`/proc/${pid}/fd/${descriptor}`) === path)
  } catch {
    // The process has ended, or belongs to another user.
    return false
  }
}

function jobFindings(store: EmbeddedStore): Finding[] {
  const fillings = store.jobs().filter(({ kind }) => kind === 'filling').length
  if (fillings === 0) return []
  const message = `${fillings === 1 ? '1 index is' : `${count(fillings)} indexes are`} being filled`
  return [warning('jobs', message, 'keep a program with the store open until it is done: it continues the work')]
}

function megabytes(bytes: number): string {
  return `${count(Math.ceil(bytes / MEGABYTE))} MB`
}
