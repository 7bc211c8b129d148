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
const COPY_BYTES = 1024 * 1024

/**
 * Creates a new file for writing. An existing entry of that name is removed first. Only the command uses these names,
 * so the entry was left by an earlier run, or is a link, whose target is not changed.
 * @throws BadInput if another run creates it at the same moment.
 */
export async function createPrivateFile(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  try {
    return await createNewFile(path)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? replaced(path) : error
  }
}

/** Creates a new file for writing, under a name that the user gave. @throws the system's `EEXIST` if the name is taken. */
export function createNewFile(path: string): Promise<FileHandle> {
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
 * Opens a file that an earlier run created, for writing behind its first bytes. They are copied to a new file of the same
 * name: the earlier run may still be writing, and then writes into a file without a name.
 * @returns undefined if the file is shorter.
 * @throws BadInput as {@link openOwnFile}, or if another run continues the file at the same moment.
 */
export async function continueFile(path: string, bytes: number): Promise<FileHandle | undefined> {
  const temporary = `${path}.new`
  const file = await createPrivateFile(temporary)
  try {
    if (await copyBytes(path, file, bytes)) {
      await giveName(file, temporary, path, true)
      return file
    }
    await file.close()
    await rm(temporary, { force: true })
    return undefined
  } catch (error) {
    await file.close()
    throw error
  }
}

/** @returns false if there are fewer bytes. */
async function copyBytes(path: string, to: FileHandle, bytes: number): Promise<boolean> {
  const from = await openOwnFile(path)
  try {
    const buffer = Buffer.alloc(Math.min(bytes, COPY_BYTES))
    for (let copied = 0; copied < bytes; ) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, bytes - copied), copied)
      if (bytesRead === 0) return false
      await writeAt(to, buffer.subarray(0, bytesRead), copied)
      copied += bytesRead
    }
    return true
  } finally {
    await from.close()
  }
}

/** Writes all bytes at a position; the system may write a part of them at a time. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten
  }
}

/** Whether the name still names this open file, and not one that another run has created since. */
export async function isNamed(file: FileHandle, path: string): Promise<boolean> {
  const [own, named] = await Promise.all([file.stat(), lstat(path).catch(() => undefined)])
  return own.ino === named?.ino && own.dev === named.dev
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
  if (!(await isNamed(file, from))) throw replaced(from)
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

/** The error for a file that another run has replaced or removed. */
export function replaced(path: string): BadInput {
  const message = `${path} was replaced while it was being written, probably by another run of this command, which continues; this run has stopped`
  return new BadInput(message, { path })
}
