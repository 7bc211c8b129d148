/**
 * Loads LMDB, which bundles leave out: it is a binary beside its package.
 *
 * It takes longer to load than all else here together, and a store in memory needs none of it, so it is loaded with the
 * first folder.
 */
// Under another name: bundles of AWS's SDK often have a `createRequire` of their own before everything else.
import { createRequire as requireFrom } from 'node:module'
import { join } from 'node:path'
import { PartitaError } from '../../errors/errors.js'

/** @throws PartitaError `StoreUnusable` where the package is not installed. */
export function loadLmdb(): typeof import('lmdb') {
  const starts = startingPoints()
  for (const start of starts) {
    const require = requireFrom(start)
    try {
      require.resolve('lmdb')
    } catch {
      continue
    }
    return require('lmdb')
  }
  const message =
    `A store in a folder needs the package lmdb, which is not there (looked for from ${starts.join(', ')}); ` +
    'install it beside the program: bundles do not contain it'
  throw new PartitaError('StoreUnusable', message, {})
}

/**
 * Where to begin the search. This module's own path is the right one, but a bundle may know none (in CommonJS it has no
 * URL), or the one on the machine that made it; then the program's folder is.
 */
function startingPoints(): string[] {
  const url: string | undefined = import.meta.url
  const path = typeof __filename === 'undefined' ? undefined : __filename
  return [url, path, join(process.cwd(), 'program.js')].filter(isLocation)
}

/** `node --eval` calls its program `[eval]`, which is no place to look from. */
function isLocation(path: string | undefined): path is string {
  return path !== undefined && /^(?:file:|\/|[a-z]:[\\/])/i.test(path)
}
