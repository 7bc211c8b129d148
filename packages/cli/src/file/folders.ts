/** Searches folders upwards. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** The nearest file of this name, in the folder or in one above it; undefined if there is none. */
export function findUpwards(folder: string, name: string): string | undefined {
  const at = resolve(folder)
  if (existsSync(join(at, name))) return join(at, name)
  return dirname(at) === at ? undefined : findUpwards(dirname(at), name)
}

/** The nearest folder that exists: this one or one above it. */
export function existingFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existingFolder(dirname(path))
}

/**
 * The package that the folder belongs to; undefined if it belongs to none. Node takes `.js` files for modules by its `type`,
 * which is undefined if package.json has none, or is not JSON: Node itself reports that.
 */
export function packageOf(folder: string): { readonly type: unknown } | undefined {
  const file = findUpwards(folder, 'package.json')
  if (file === undefined) return undefined
  // The package.json of a folder of packages is not that of a package.
  if (basename(dirname(file)) === 'node_modules') return packageOf(dirname(dirname(file)))
  try {
    return { type: (JSON.parse(readFileSync(file, 'utf8')) as { readonly type?: unknown } | null)?.type }
  } catch {
    return { type: undefined }
  }
}
