/** Errors of the user's files. Call these only from code that reads or writes a file, so that the file is the cause. */
import { BadInput, CommandFailure } from '../failure.js'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'the file already exists',
  EISDIR: 'it is a folder',
  ERR_FS_EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'it is a symbolic link; name the file itself',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the quota of the disk is used up; free some space',
}

/**
 * The error for a file that cannot be read: {@link BadInput} with the path and the reason. A {@link CommandFailure} is
 * returned unchanged.
 */
export function unreadable(path: string, error: unknown): Error {
  return fileError('read', path, error)
}

/**
 * The error for a file that cannot be written: {@link BadInput} with the path and the reason. A {@link CommandFailure}
 * is returned unchanged.
 */
export function unwritable(path: string, error: unknown): Error {
  return fileError('written', path, error)
}

/** Errors that already have a message for the user are returned unchanged. */
function fileError(what: string, path: string, error: unknown): Error {
  if (error instanceof CommandFailure) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new BadInput(`${path} cannot be ${what}: ${REASONS[code ?? ''] ?? message}`, { path, reason: code }, error)
}

/** The system's code in an error of this file; undefined for another error. */
function reasonOf(error: unknown): unknown {
  return error instanceof BadInput ? (error.details as { readonly reason?: unknown }).reason : undefined
}

/** Whether a file could not be written because its disk, or what the user may use of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(String(reasonOf(error)))
}

/** Whether a file could not be written because it, its folder or its disk is read-only. */
export function isReadOnly(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(String(reasonOf(error)))
}
