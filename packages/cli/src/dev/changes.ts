/** Waits for changes of the files that the models, the configuration and the seed are read from. */
import { once } from 'node:events'
import { dirname, resolve, sep } from 'node:path'
import { watch } from 'chokidar'
import { CONFIG_NAMES } from '../config/find-config.js'
import type { Settings } from '../config/settings.js'
import { existingFolder } from '../file/folders.js'
import { isYamlPath } from '../yaml/read/files.js'

/** How long the files must be unchanged before a change counts, in milliseconds: editors save in several steps. */
const QUIET = 60
/** What models are not read from, below a watched folder: installed packages, hidden files and folders, data. */
const IGNORED = /[/\\](node_modules|\.[^/\\]+|[^/\\]*\.(?:mdb|tmp|log))([/\\]|$)/

/** Files being watched. */
export interface Watch {
  /** Resolves after the first change since the watch began, and when the signal is aborted. */
  readonly changed: Promise<void>
}

/**
 * Begins to watch files and folders, which need not exist. Every change after the returned promise has resolved is noticed.
 *
 * The library watches a path that does not exist only some time after it says that it is ready. So the folders around the
 * paths are watched, and what else is in them is ignored.
 */
export async function watchFor(paths: readonly string[], signal: AbortSignal): Promise<Watch> {
  const roots = new Set(paths.map(path => existingFolder(dirname(path))))
  const watcher = watch([...roots], {
    ignoreInitial: true,
    ignored: path => !paths.some(wanted => isPartOf(path, wanted)),
  })
  const changed = new Promise<void>(done => {
    let timer: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(timer)
      done()
    }
    signal.addEventListener('abort', end, { once: true })
    watcher.on('all', event => {
      if (event === 'addDir' || event === 'unlinkDir') return
      clearTimeout(timer)
      timer = setTimeout(end, QUIET)
    })
  })
  await once(watcher, 'ready')
  return { changed: changed.then(() => watcher.close()) }
}

/** Whether a path is the wanted one, below it, or on the way to it. */
function isPartOf(path: string, wanted: string): boolean {
  const found = resolve(path)
  if (wanted.startsWith(found)) return wanted === found || wanted[found.length] === sep || found.endsWith(sep)
  return found.startsWith(wanted + sep) && !IGNORED.test(found.slice(wanted.length))
}

/**
 * The files and folders to watch, as absolute paths. A module may read the models from files beside it, so its whole folder is watched; generated
 * code is not, as the command itself writes it.
 */
export function watchedPaths(settings: Settings | undefined, config: string | undefined): string[] {
  const configs = config === undefined ? CONFIG_NAMES : [config]
  if (settings === undefined) return configs.map(name => resolve(name))
  const { models = 'models.yaml', configFile, codegen, seed } = settings
  const paths = [isYamlPath(models) ? models : dirname(models), ...(configFile === undefined ? configs : [configFile])]
  return [...paths, codegen.fields, seed].flatMap(path => (path === undefined ? [] : [resolve(path)]))
}
