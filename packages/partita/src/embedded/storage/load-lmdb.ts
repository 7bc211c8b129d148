/**
 * Loads LMDB at run time, since bundles cannot contain its native binary.
 *
 * It takes longer to load than all other modules together, and a store in memory does not need it. So the first store
 * in a folder loads it.
 */
// As a namespace: bundles with AWS's SDK often declare their own `createRequire` at the top.
import * as nodeModule from 'node:module'
import { join } from 'node:path'
import { PartitaError } from '../../errors/errors.js'

/** Loads the package `lmdb`. @throws PartitaError `StoreUnusable` if it is not installed. */
export function loadLmdb(): typeof import('lmdb') {
  const starts = startingPoints()
  for (const start of starts) {
    const require = nodeModule.createRequire(start)
    try {
      require.resolve('lmdb')
    } catch {
      continue
    }
    return require('lmdb')
  }
  const message =
    `A store in a folder needs the package lmdb, which was not found (searched from ${starts.join(', ')}); ` +
    'install it next to the program, since bundles do not contain it'
  throw new PartitaError('StoreUnusable', message, {})
}

/**
 * Returns the paths from which to search. This module's own path is the right one, but in a bundle it may be unknown
 * (CommonJS has no URL) or that of the build machine; then the program's folder is used.
 */
function startingPoints(): string[] {
  const url: string | undefined = import.meta.url
  const path = typeof __filename === 'undefined' ? undefined : __filename
  return [url, path, join(process.cwd(), 'program.js')].filter(isLocation)
}

/** `node --eval` names its program `[eval]`, which is not a path. */
function isLocation(path: string | undefined): path is string {
  return path !== undefined && /^(?:file:|\/|[a-z]:[\\/])/i.test(path)
}
