/** Files of the user's that cannot be used, told by their names. */
import { BadInput, CommandFailure } from '../failure.js'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
}

export function unreadable(path: string, error: unknown): Error {
  return fault('read', path, error)
}

export function unwritable(path: string, error: unknown): Error {
  return fault('written', path, error)
}

/** An error that does not come from the file system is left as it is. */
function fault(what: string, path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof CommandFailure || typeof code !== 'string') return error as Error
  return new BadInput(`${path} cannot be ${what}: ${REASONS[code] ?? message}`, { path, reason: code }, error)
}
