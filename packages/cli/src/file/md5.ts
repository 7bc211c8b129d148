/** MD5 checksums of files. They find damage, as those of Amazon S3 do; they do not protect against forgery. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { BadInput } from '../failure.js'
import { unreadable } from './file-error.js'

/** The checksum of a file, in base64. @throws BadInput if it cannot be read. */
export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch (error) {
    throw unreadable(path, error)
  }
  return hash.digest('base64')
}

/**
 * @param source what says the checksum, in messages.
 * @throws BadInput if the file has another one.
 */
export async function verifyMd5(path: string, md5: string, source = 'the manifest'): Promise<void> {
  if ((await md5Of(path)) === md5) return
  throw new BadInput(`${path} is damaged: it has another MD5 checksum than ${source}; copy it again`, { path })
}
