/**
 * Files that the command writes beside those of the user, in folders where others may write too. They are readable by
 * their owner alone, as a store's folder is, and no link that somebody has put in their way is followed.
 */
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { BadInput } from '../failure.js'

const { O_CREAT, O_EXCL, O_RDWR, O_NONBLOCK, O_WRONLY } = constants
/** Windows has no such flag; making a link there takes a privilege. */
const O_NOFOLLOW: number = constants.O_NOFOLLOW ?? 0
const OWNER_ONLY = 0o600
const PERMISSIONS = 0o777

/**
 * A new file of this name, for writing. What has the name is removed first: the name is one of the command's own, so it
 * is a leftover of an earlier run, or a link, whose target stays as it is.
 */
export async function createPrivateFile(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, OWNER_ONLY)
}

/**
 * Opens a file that an earlier run has made, for reading and writing.
 * @throws BadInput where it is no regular file, or has a second name, under which it is something else. The system's
 * error if the file is missing or a symbolic link.
 */
export async function openOwnFile(path: string): Promise<FileHandle> {
  // A pipe of that name would otherwise be waited for.
  const file = await open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  try {
    const found = await file.stat()
    if (!found.isFile() || found.nlink > 1) {
      throw new BadInput(`${path} is not a file that this command has made; remove it`, { path })
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Whether something has this name, a link that leads nowhere included.
 * @throws BadInput for what a file cannot replace, such as a folder or a device.
 */
export async function isTaken(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found && !found.isFile() && !found.isSymbolicLink()) {
    const what = found.isDirectory() ? 'a folder' : 'no regular file'
    throw new BadInput(`${path} cannot be written: it is ${what}; name a file`, { path })
  }
  return found !== undefined
}

/**
 * Gives an open file its final name.
 * @param from its present name.
 * @param overwrite whether to replace what has the name `to`; the file then takes the permissions of the replaced one.
 * @throws BadInput where the present name leads to another file by now; the system's `EEXIST` where `to` is taken.
 */
export async function giveName(file: FileHandle, from: string, to: string, overwrite: boolean): Promise<void> {
  const [own, named] = [await file.stat(), await lstat(from)]
  if (own.ino !== named.ino || own.dev !== named.dev) {
    throw new BadInput(`${from} was replaced while it was written, perhaps by another run; run this one again`, {
      from,
    })
  }
  if (overwrite) {
    const old = await lstat(to).catch(() => undefined)
    if (old?.isFile()) await file.chmod(old.mode & PERMISSIONS)
    await rename(from, to)
    return
  }
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    // A file system without links cannot refuse a taken name in one step.
    if (error.code === 'EEXIST' || (await isTaken(to))) throw Object.assign(error, { code: 'EEXIST' })
    await rename(from, to)
  })
  await rm(from, { force: true })
}
