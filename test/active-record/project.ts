/** A folder with generated classes of active records, whose programs run in processes of their own. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { generateCode } from '../../packages/cli/src/codegen/generate.js'
import { modelsOf } from '../../packages/cli/src/yaml/read/read-models.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The module system of a project, and its language. */
export type ProjectKind = 'commonjs' | 'esm' | 'ts'

/** A project like a user's. */
export interface ActiveRecordProject {
  readonly folder: string
  /** Generates the classes of models in YAML. */
  generate(yaml: string): Promise<void>
  write(name: string, text: string): void
  /** Runs a program to its end. @returns what it printed. */
  node(program: string, environment: Readonly<Record<string, string>>): Promise<string>
  remove(): void
}

/** Makes a project outside the repository, with the built library linked into it. */
export function makeProject(kind: ProjectKind): ActiveRecordProject {
  const folder = mkdtempSync(join(tmpdir(), 'partita-active-record-'))
  const write = (name: string, text: string): void => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/partita'), join(folder, 'node_modules/partita'))
  write('package.json', JSON.stringify({ private: true, type: kind === 'commonjs' ? 'commonjs' : 'module' }))
  return {
    folder,
    write,
    async generate(yaml) {
      for (const [name, code] of await generated(folder, yaml, kind)) write(`models/${name}`, code)
    },
    async node(program, environment) {
      const { stdout } = await run(process.execPath, ['--no-warnings', program], {
        cwd: folder,
        env: { ...process.env, ...environment },
        timeout: 240_000,
      })
      return stdout
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The generated files of models in YAML, by their paths below the folder of generated code. */
export function generated(folder: string, yaml: string, kind: ProjectKind): Promise<Map<string, string>> {
  return generateCode(modelsOf([{ path: 'models.yaml', text: yaml }]), {
    language: kind === 'ts' ? 'ts' : 'js',
    moduleSystem: kind === 'commonjs' ? 'commonjs' : 'esm',
    activeRecord: true,
    out: join(folder, 'models'),
    source: join(folder, 'models.yaml'),
    customFields: new Map(),
  })
}
