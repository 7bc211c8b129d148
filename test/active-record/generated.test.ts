/** Generated classes compile in the strictest projects, pass Biome, and never have two methods of one name. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileErrors, project } from '../codegen/project.js'
import { SAMPLES } from '../codegen/samples.js'
import { block } from './readme.js'

const BIOME = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))
const MODELS: Readonly<Record<string, string>> = {
  MUTUAL: SAMPLES.MUTUAL as string,
  EVERYTHING: SAMPLES.EVERYTHING as string,
  NAMES: SAMPLES.NAMES as string,
  README: block('quick-start.yaml'),
  TENANTS: `tenancy: required\n${block('relations.yaml')}`,
}

it('generated classes in TypeScript and JavaScript pass the compiler in a strict project', async () => {
  const files: string[] = []
  // The compiler checks the models alone in the suite of `codegen`.
  for (const name of ['MUTUAL', 'README']) {
    const text = MODELS[name] as string
    for (const language of ['ts', 'js'] as const) {
      const made = project()
      made.write('package.json', '{"type":"module"}')
      made.write('models.yaml', text)
      const { create } = await made.generate({ language, activeRecord: true })
      files.push(...create.map(file => made.path(`models/${file}`)))
      if (name !== 'README') continue
      const program = `import { User } from './models/user.js'
const found = await User.findByEmail('a@example.com')
if (found.exists()) {
  const page = await found.queryPosts({ createdAt: { $gte: '2026-01-01' } }, { limit: 5 })
  export_(page.items.map(({ title }): string => title))
  const author = await page.items[0]?.getUser()
  if (author?.exists()) export_([author.name])
}
// @ts-expect-error a number is not an address
await User.findByEmail(5)
function export_(names: readonly string[]) { return names }
`
      made.write('program.ts', program)
      files.push(made.path('program.ts'))
    }
  }
  expect(compileErrors(files, { allowJs: true, checkJs: true })).toEqual([])
})

it('generated classes are formatted and free of lint as the Biome configuration of a project says', async () => {
  const made = project()
  made.write('biome.json', '{"root":true,"javascript":{"formatter":{"quoteStyle":"single","semicolons":"asNeeded"}}}')
  for (const [name, text] of Object.entries(MODELS)) {
    for (const options of [{ language: 'ts' }, { language: 'js', moduleSystem: 'commonjs' }] as const) {
      made.write('models.yaml', text)
      await made.generate({ ...options, activeRecord: true })
      mkdirSync(made.path('all'), { recursive: true })
      spawnSync('mv', [made.path('models'), made.path(`all/${name}-${options.language}`)])
    }
  }
  const { status, stderr } = spawnSync(process.execPath, [BIOME, 'check', '--error-on-warnings', 'all'], {
    cwd: made.folder,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
})

it('the command removes the classes of models that are gone, and leaves files of the user alone', async () => {
  const made = project()
  made.write('models.yaml', block('relations.yaml'))
  await made.generate({ language: 'js', activeRecord: true })
  made.write('models/own.js', 'export const own = 1\n')
  made.write('models.yaml', block('simple.yaml'))
  const { remove, unchanged } = await made.generate({ language: 'js', activeRecord: true })
  expect([...remove].sort()).toEqual(['definitions/post.js', 'post.js'])
  expect(unchanged).not.toContain('own.js')
})
