/** Creates the files of a new project next to what is there. */
import { constants } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { formatCode, styleFor } from '../codegen/format.js'
import { BadInput } from '../failure.js'
import type { ProjectFile } from './templates.js'

const { O_CREAT, O_EXCL, O_WRONLY } = constants

/** The paths of the files that were created, and of those that existed and were left as they are. */
export interface CreatedFiles {
  readonly created: readonly string[]
  readonly kept: readonly string[]
}

/**
 * Creates the files that do not exist. An existing file, folder or link is never written to: creating a file fails if its
 * name is taken, even between a check and the creation.
 * @throws BadInput if the folder or a file cannot be created.
 */
export async function createFiles(folder: string, files: readonly ProjectFile[]): Promise<CreatedFiles> {
  const created: string[] = []
  const kept: string[] = []
  for (const { path, text } of files) {
    const target = join(folder, path)
    try {
      await mkdir(dirname(target), { recursive: true })
      const code = await formatted(target, text)
      const file = await open(target, O_CREAT | O_EXCL | O_WRONLY)
      await file.writeFile(code).finally(() => file.close())
      created.push(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new BadInput(`${target} cannot be created: ${(error as Error).message}`, { path: target }, error)
      }
      kept.push(path)
    }
  }
  return { created, kept }
}

/** Code in the style of the project that the folder belongs to; other files as they are. */
async function formatted(path: string, text: string): Promise<string> {
  const [, extension] = /\.(ts|js|mjs)$/.exec(path) ?? []
  if (extension === undefined) return text
  return formatCode(text, extension === 'ts' ? 'ts' : 'js', await styleFor(path))
}
