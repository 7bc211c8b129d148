/**
 * Files that the command creates next to the user's files, in folders where other users may write too. Only the owner
 * can read them, as with a store's folder, and symbolic links are never followed.
 */
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { BadInput } from '../failure.js'

const { O_CREAT, O_EXCL, O_RDWR, O_NONBLOCK, O_WRONLY } = constants
/** Windows does not have this flag; creating a symbolic link there requires a privilege. */
const O_NOFOLLOW: number = constants.O_NOFOLLOW ?? 0
const OWNER_ONLY = 0o600
const PERMISSIONS = 0o777

/**
 * Creates a new file for writing. An existing entry of that name is removed first. Only the command uses these names,
 * so the entry was left by an earlier run, or is a link, whose target is not changed.
 */
export async function createPrivateFile(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, OWNER_ONLY)
}

/**
 * Opens a file that an earlier run created, for reading and writing.
 * @throws BadInput if it is not a regular file, or has a second hard link, so that it may be another file. The system's
 * error if the file is missing or a symbolic link.
 */
export async function openOwnFile(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a named pipe would block.
  const file = await open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  try {
    const found = await file.stat()
    if (!found.isFile() || found.nlink > 1) {
      throw new BadInput(`${path} was not created by this command; remove it`, { path })
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Whether an entry of this name exists. Dangling links count.
 * @throws BadInput if a file cannot replace the entry, as with a folder or a device.
 */
export async function isTaken(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found && !found.isFile() && !found.isSymbolicLink()) {
    const what = found.isDirectory() ? 'a folder' : 'not a regular file'
    throw new BadInput(`${path} cannot be written: it is ${what}; name a file`, { path })
  }
  return found !== undefined
}

/**
 * Gives an open file its final name.
 * @param from its current name.
 * @param overwrite whether to replace the entry `to`; the file then takes the permissions of the replaced file.
 * @throws BadInput if `from` names another file by now; the system's `EEXIST` if `to` exists.
 */
export async function giveName(file: FileHandle, from: string, to: string, overwrite: boolean): Promise<void> {
  const [own, named] = [await file.stat(), await lstat(from)]
  if (own.ino !== named.ino || own.dev !== named.dev) {
    throw new BadInput(
      `${from} was replaced while it was being written, perhaps by another run; run the command again`,
      {
        from,
      },
    )
  }
  if (overwrite) {
    const old = await lstat(to).catch(() => undefined)
    if (old?.isFile()) await file.chmod(old.mode & PERMISSIONS)
    await rename(from, to)
    return
  }
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    // A file system without hard links cannot check for an existing file and rename in one step.
    if (error.code === 'EEXIST' || (await isTaken(to))) throw Object.assign(error, { code: 'EEXIST' })
    await rename(from, to)
  })
  await rm(from, { force: true })
}
