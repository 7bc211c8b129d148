/** Waits for changes of the files that the models, the configuration and the seed are read from. */
import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { watch } from 'chokidar'
import { CONFIG_NAMES } from '../config/find-config.js'
import type { Settings } from '../config/settings.js'
import { isYamlPath } from '../yaml/read/files.js'

/** How long the files must be unchanged before a change counts, in milliseconds: editors save in several steps. */
const QUIET = 60
/** What models are not read from: installed packages, hidden files and folders, data. */
const IGNORED = /[/\\](node_modules|\.[^/\\]+|[^/\\]*\.(?:mdb|tmp|log))([/\\]|$)/

/** Files being watched. */
export interface Watch {
  /** Resolves after the first change since the watch began, and when the signal is aborted. */
  readonly changed: Promise<void>
}

/** Begins to watch. Every change after the returned promise has resolved is noticed. */
export async function watchFor(paths: readonly string[], signal: AbortSignal): Promise<Watch> {
  const watcher = watch([...paths], { ignoreInitial: true, ignored: path => IGNORED.test(path) })
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

/**
 * The files and folders to watch. A module may read the models from files beside it, so its whole folder is watched; generated
 * code is not, as the command itself writes it.
 */
export function watchedPaths(settings: Settings | undefined, config: string | undefined): string[] {
  const configs = config === undefined ? CONFIG_NAMES : [config]
  if (settings === undefined) return configs.map(name => resolve(name))
  const { models = 'models.yaml', configFile, codegen, seed } = settings
  const paths = [isYamlPath(models) ? models : dirname(models), ...(configFile === undefined ? configs : [configFile])]
  return [...paths, codegen.fields, seed].flatMap(path => (path === undefined ? [] : [resolve(path)]))
}
