/** Generated code compiles in the strictest projects, passes Biome, and does what hand-written models do. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileErrors, type Project, project } from './project.js'
import { SAMPLES } from './samples.js'

const BIOME = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))

/** Projects with the samples, one each. */
async function generated(options: Parameters<Project['generate']>[0] = {}): Promise<Project[]> {
  const projects: Project[] = []
  for (const text of Object.values(SAMPLES)) {
    const made = project()
    made.write('package.json', '{"type":"module"}')
    made.write('models.yaml', text)
    await made.generate(options)
    projects.push(made)
  }
  return projects
}

it('generated TypeScript and JavaScript pass the compiler in a strict project, with exact optional properties', async () => {
  const typed = await generated()
  const plain = await generated({ language: 'js' })
  const [simple] = plain as [Project]
  simple.write(
    'program.ts',
    `import { connectModels } from './models/db.js'
const db = await connectModels({ store: 'memory:' })
const user = await db.User.create({ name: 'Ada', email: 'a@example.com' })
export const name: string = user.name
// @ts-expect-error a number is not a name
await db.User.create({ name: 5, email: 'a@example.com' })
// @ts-expect-error there is no such model
await db.Usr.create({})
`,
  )
  const files = [
    ...typed.map(({ path }) => path('models/db.ts')),
    ...plain.map(({ path }) => path('models/db.js')),
    simple.path('program.ts'),
  ]
  expect(compileErrors(files, { allowJs: true, checkJs: true })).toEqual([])
})

it('generated code is formatted and free of lint as the Biome configuration of a project says', async () => {
  const made = project()
  made.write('biome.json', '{"root":true,"javascript":{"formatter":{"quoteStyle":"single","semicolons":"asNeeded"}}}')
  for (const [name, text] of Object.entries(SAMPLES)) {
    made.write('models.yaml', text)
    await made.generate()
    mkdirSync(made.path('all'), { recursive: true })
    spawnSync('mv', [made.path('models'), made.path(`all/${name}`)])
  }
  const { status, stderr } = spawnSync(process.execPath, [BIOME, 'check', '--error-on-warnings', 'all'], {
    cwd: made.folder,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  expect(stderr).toMatch(/Checked 4\d files/)
})

const PROGRAM = `
const db = await connectModels({ store: 'memory:' })
const ann = await db.User.create({})
const ben = await db.User.create({ managerId: ann.userId })
const team = await db.Team.create({ leadId: ann.userId })
await db.User.update({ userId: ben.userId }, { teamId: team.teamId })
const doc = await db.Doc.create({ ownerId: ann.userId, editorId: ben.userId })
await db.Follow.create({ followerId: ann.userId, followedId: ben.userId })
const tag = await db.Tag.create({ name: 'News' })
await db.TaggedDoc.create({ tagId: tag.tagId, docId: doc.docId })
const ids = async query => (await query.all()).map(row => row.userId ?? row.teamId ?? row.docId ?? row.tagId)
const found = {
  manager: (await ben.manager())?.userId === ann.userId,
  reports: (await ids((await db.User.get({ userId: ann.userId })).reports())).join() === ben.userId,
  team: (await (await db.User.get({ userId: ben.userId })).team()).teamId === team.teamId,
  members: (await ids(team.members())).join() === ben.userId,
  teams: (await ids(ann.teams())).join() === team.teamId,
  owned: (await ids(ann.docsForOwner())).join() === doc.docId,
  edited: (await ids(ben.docsForEditor())).join() === doc.docId,
  followed: (await ids(ann.followed())).join() === ben.userId,
  followers: (await ids(ben.followers())).join() === ann.userId,
  docs: (await ids(tag.docs())).join() === doc.docId,
  tags: (await ids(doc.tagsForDoc())).join() === tag.tagId,
  all: (await ids(db.User.query.allUsers({}))).length === 2,
  byName: (await db.Tag.findBy({ name: 'NEWS' }))?.tagId === tag.tagId,
  names: Object.keys(models).length === 6,
}
console.log(JSON.stringify(Object.keys(found).filter(name => !found[name])))
await db.close()
`

it.each([
  ['esm', 'module', 'models/db.js'],
  ['esm', 'commonjs', 'models/db.mjs'],
  ['commonjs', 'commonjs', 'models/db.js'],
  ['commonjs', 'module', 'models/db.cjs'],
] as const)('JavaScript in %s runs in a package of type %s, with all its relations', async (moduleSystem, type, db) => {
  const made = project()
  made.write('package.json', JSON.stringify({ type }))
  made.write('models.yaml', SAMPLES.MUTUAL as string)
  await made.generate({ language: 'js', moduleSystem })
  if (moduleSystem === 'esm') made.write('program.mjs', `import { connectModels, models } from './${db}'\n${PROGRAM}`)
  else
    made.write('program.cjs', `const { connectModels, models } = require('./${db}')\n;(async () => {\n${PROGRAM}\n})()`)
  const program = moduleSystem === 'esm' ? 'program.mjs' : 'program.cjs'
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { cwd: made.folder, encoding: 'utf8' })
  expect({ stdout, status }, stderr).toEqual({ stdout: '[]\n', status: 0 })
})

it('models with names of JavaScript itself, or that differ in case only, run under their own names', async () => {
  const made = project()
  made.write('package.json', '{"type":"module"}')
  made.write('models.yaml', SAMPLES.NAMES as string)
  await made.generate({ language: 'js' })
  const code = `import { connectModels } from './models/db.js'
const db = await connectModels({ store: 'memory:' })
await db.Date.create({ id: 'a', n: 0.25 })
await db.UserId.create({ class: 'x', default: 'y' })
await db.UserID.create({ class: 'x', default: 'z' })
const row = await db.UserId.get({ class: 'x' })
console.log(JSON.stringify([(await db.Date.get({ id: 'a' })).n, row.default, (await db.Class.get({ class: 'x' })).users.length]))
await db.close()
`
  made.write('program.mjs', code)
  const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], { cwd: made.folder, encoding: 'utf8' })
  expect(stdout, stderr).toBe('[0.3,"y",1]\n')
})
