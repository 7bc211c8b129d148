/** Projects as users have them: the packages as npm packs them, with what they depend on, and nothing else of the repository. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Project {
  readonly folder: string
  /** Writes a file of the project. Returns its path. */
  write(name: string, text: string): string
  /** Runs a program of Node in the project. Returns what it printed; throws with what it complained of. */
  node(args: readonly string[], environment?: Readonly<Record<string, string>>): string
  /** Takes a package away. */
  uninstall(name: string): void
  remove(): void
}

/**
 * A project outside of the repository, so that it resolves only what it has itself.
 * @param packages those of the repository's `node_modules` that it has besides `partita`.
 */
export function makeProject(packages: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), 'partita-project-'))
  const modules = join(folder, 'node_modules')
  unpack('packages/partita', join(modules, 'partita'))
  for (const name of withDependencies(['lmdb', 'sorted-btree', ...packages])) {
    const path = join(modules, name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), path)
  }
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  return {
    folder,
    write,
    node: (args, environment) =>
      execFileSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    uninstall: name => rmSync(join(modules, name), { recursive: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What npm packs of a package, into a folder. */
function unpack(source: string, target: string): void {
  const packing = ['pack', '--json', '--dry-run', '--ignore-scripts']
  const [packed] = JSON.parse(execFileSync('npm', packing, { cwd: join(root, source), encoding: 'utf8' })) as {
    files: { path: string }[]
  }[]
  for (const { path } of packed?.files ?? []) cpSync(join(root, source, path), join(target, path))
  if (!existsSync(join(target, 'dist/index.js'))) throw new Error('The library is not built; run npm run build first')
}

/** Packages with all that they depend on and that is installed. */
function withDependencies(names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const queue = [...names]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const manifest = join(root, 'node_modules', name, 'package.json')
    if (found.has(name) || !existsSync(manifest)) continue
    found.add(name)
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as Dependencies
    queue.push(...Object.keys({ ...dependencies, ...optionalDependencies }))
  }
  return found
}

interface Dependencies {
  readonly dependencies?: object
  readonly optionalDependencies?: object
}
