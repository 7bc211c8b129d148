/** Finds and reads the files of models: one YAML file, or all YAML files of a folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BadInput } from '../../failure.js'
import type { SourceFile } from '../model-set.js'

const YAML = /\.ya?ml$/i
const MOST_FILES = 1000
/** Largest file in bytes. Its text is bounded again when it is parsed. */
const LARGEST = 8_000_000

/** Whether a path names YAML: a file with its extension, or a folder with such files. */
export function isYamlPath(path: string): boolean {
  if (YAML.test(path)) return true
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() === true && readdirSync(path).some(name => YAML.test(name))
}

/**
 * The files in the order of their names, so that generated code does not depend on the file system.
 * @throws BadInput if there are none, or one cannot be read or is not UTF-8.
 */
export function readYamlFiles(path: string): SourceFile[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new BadInput(`there is no ${path}; name the YAML file of the models, or their folder`, { path })
  if (!found.isDirectory()) return [readOne(path)]
  const names = readdirSync(path)
    .filter(name => YAML.test(name) && !name.startsWith('.'))
    .sort()
  if (names.length === 0) throw new BadInput(`${path} has no YAML files`, { path })
  if (names.length > MOST_FILES) throw new BadInput(`${path} has more than ${MOST_FILES} YAML files`, { path })
  return names.map(name => readOne(join(path, name)))
}

function readOne(path: string): SourceFile {
  try {
    const found = statSync(path)
    if (!found.isFile()) throw new Error('it is not a file')
    if (found.size > LARGEST) throw new Error(`it has ${found.size} bytes; ${LARGEST} are allowed`)
    // Removes a BOM, and rejects bytes that are not UTF-8 instead of replacing them.
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message
    throw new BadInput(`${path} cannot be read: ${reason}`, { path }, error)
  }
}
