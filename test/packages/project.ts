/** Projects like a user's: the files that npm packs and their dependencies, without the rest of the repository. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const CLI = '@partita/cli'

export interface Project {
  readonly folder: string
  /** Writes a file of the project. Returns its path. */
  write(name: string, text: string): string
  /** Runs Node in the project. Returns the stdout of the program; throws an error with its stderr if it fails. */
  node(args: readonly string[], environment?: Readonly<Record<string, string>>): string
  /** Runs the command `partita` of the packed `@partita/cli`, without a terminal. Returns its stdout. */
  partita(...args: readonly string[]): string
  /** Removes a package. */
  uninstall(name: string): void
  remove(): void
}

/**
 * Creates a project outside the repository, so that it resolves only its own packages.
 * @param packages packages to link from the `node_modules` of the repository, besides `partita` and its dependencies. The
 *   command, `@partita/cli`, is packed as the library is.
 */
export function makeProject(packages: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), 'partita-project-'))
  const modules = join(folder, 'node_modules')
  unpack('packages/partita', join(modules, 'partita'))
  const ownDependencies = packages.includes(CLI) ? Object.keys(dependenciesOf('packages/cli')) : []
  for (const name of withDependencies(['lmdb', 'sorted-btree', ...packages, ...ownDependencies])) {
    if (name === CLI || name === 'partita') continue
    const path = join(modules, name)
    mkdirSync(dirname(path), { recursive: true })
    const own = join(root, 'packages/cli/node_modules', name)
    symlinkSync(packages.includes(CLI) && existsSync(own) ? own : join(root, 'node_modules', name), path)
  }
  if (packages.includes(CLI)) unpack('packages/cli', join(modules, CLI))
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const node: Project['node'] = (args, environment) =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return {
    folder,
    write,
    node,
    partita: (...args) => node([join(modules, CLI, 'bin/partita.js'), ...args]),
    uninstall: name => rmSync(join(modules, name), { recursive: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Copies the files that npm packs of a package into a folder. */
function unpack(source: string, target: string): void {
  for (const path of packedFiles(source)) cpSync(join(root, source, path), join(target, path))
  if (!existsSync(join(target, 'dist'))) throw new Error('The library is not built; run npm run build first')
}

const packed = new Map<string, readonly string[]>()

/** The files of a package that npm packs. npm takes seconds to list them. */
function packedFiles(source: string): readonly string[] {
  const known = packed.get(source)
  if (known) return known
  const packing = ['pack', '--json', '--dry-run', '--ignore-scripts']
  const [found] = JSON.parse(execFileSync('npm', packing, { cwd: join(root, source), encoding: 'utf8' })) as {
    files: { path: string }[]
  }[]
  const paths = (found?.files ?? []).map(({ path }) => path)
  packed.set(source, paths)
  return paths
}

/** The packages and all of their installed dependencies. */
function withDependencies(names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const queue = [...names]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const manifest = join(root, 'node_modules', name, 'package.json')
    if (found.has(name) || !existsSync(manifest)) continue
    found.add(name)
    queue.push(...Object.keys(dependenciesOf(dirname(manifest))))
  }
  return found
}

function dependenciesOf(folder: string): object {
  const manifest = JSON.parse(readFileSync(resolve(root, folder, 'package.json'), 'utf8')) as Dependencies
  return { ...manifest.dependencies, ...manifest.optionalDependencies }
}

interface Dependencies {
  readonly dependencies?: object
  readonly optionalDependencies?: object
}
