/** Problems of DynamoBao's code generation. The numbers are those of `test/known-problems/dynamo-bao-codegen.md`. */
import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { evaluateModels } from '../../packages/cli/src/yaml/evaluate.js'
import { BadModels } from '../../packages/cli/src/yaml/problem.js'
import { modelsOf } from '../../packages/cli/src/yaml/read/read-models.js'
import type { AnyModel } from '../../packages/partita/src/index.js'
import { connect } from '../../packages/partita/src/index.js'
import { knownProblems } from '../known-problems/known-problems.js'
import { project } from './project.js'
import { SAMPLES } from './samples.js'

const { absent, allAccountedFor } = knownProblems('dynamo-bao-codegen', import.meta.url)

const MUTUAL = SAMPLES.MUTUAL as string
const QUICK_START = SAMPLES.QUICK_START as string

type Row = Record<string, () => Promise<unknown> & { all(): Promise<Record<string, unknown>[]> }>
type Repositories = Record<string, { create(input: object): Promise<Row & Record<string, string>> }>

/** Connects the models of a text, without the types of generated code. */
async function connected(text: string): Promise<Repositories> {
  const { models } = await evaluateModels(modelsOf([{ path: 'models.yaml', text }]))
  return (await connect({ models: models as Record<string, AnyModel>, store: 'memory:' })) as unknown as Repositories
}

function messagesOf(...texts: string[]): string[] {
  try {
    modelsOf(texts.map((text, i) => ({ path: `${i}.yaml`, text })))
    return []
  } catch (error) {
    if (!(error instanceof BadModels)) throw error
    return (error.details as { problems: { message: string }[] }).problems.map(({ message }) => message)
  }
}

absent(
  [1, 2, 3, 4],
  'relations to the own model, of two models to each other, and several to one model all load rows',
  async () => {
    const db = await connected(MUTUAL)
    const ann = await db.User!.create({})
    const team = await db.Team!.create({ leadId: ann.userId })
    const ben = await db.User!.create({ managerId: ann.userId, teamId: team.teamId })
    await db.Doc!.create({ ownerId: ann.userId, editorId: ben.userId })
    await db.Follow!.create({ followerId: ben.userId, followedId: ann.userId })
    expect(await ann.reports!().all()).toMatchObject([{ userId: ben.userId }])
    expect(await ben.manager!()).toMatchObject({ userId: ann.userId })
    expect(await team.members!().all()).toMatchObject([{ userId: ben.userId }])
    expect(await ann.teams!().all()).toMatchObject([{ teamId: team.teamId }])
    expect(await ann.docsForOwner!().all()).toHaveLength(1)
    expect(await ann.docsForEditor!().all()).toHaveLength(0)
    expect(await ann.followers!().all()).toMatchObject([{ userId: ben.userId }])
    expect(await ben.followed!().all()).toMatchObject([{ userId: ann.userId }])
  },
)

absent(
  [5, 7],
  'a primary key that begins with a ref lists its rows without a name, and an index id may be a number',
  async () => {
    const db = await connected(`models:
  User: { modelPrefix: u, fields: { userId: UlidField }, primaryKey: { partitionKey: userId } }
  Item:
    modelPrefix: i
    fields: { userId: { type: RelatedField, model: User }, itemId: StringField, n: IntegerField }
    primaryKey: { partitionKey: userId, sortKey: itemId }
    indexes: { byN: { partitionKey: userId, sortKey: n, indexId: 1 } }
`)
    const userId = '01JFGMRH7XACZ8GKB81DZ5YWNH'
    const user = await db.User!.create({ userId })
    await db.Item!.create({ userId, itemId: 'a', n: 2 })
    expect(await user.itemRows!().all()).toMatchObject([{ itemId: 'a' }])
    expect(await user.byN!().all()).toMatchObject([{ itemId: 'a' }])
  },
)

absent([6], 'text of the YAML is a literal in the code, whatever it contains', async () => {
  const made = project()
  const text = `"; process.exit(1) //' \\n */ \${process.exit(1)}`
  made.write('package.json', '{"type":"module"}')
  made.write(
    'models.yaml',
    JSON.stringify({
      models: {
        A: {
          description: text,
          fields: { id: { type: 'string', description: text }, text: { type: 'string', default: text } },
          key: 'id',
        },
      },
    }),
  )
  await made.generate({ language: 'js' })
  const { A } = await import(made.path('models/a.js'))
  expect(A.definition.fields.text.spec.fallback).toBe(text)
})

absent([8], 'what does not fit together is refused with the right name', () => {
  expect(messagesOf(QUICK_START.replace('model: User', 'model: Users'))).toEqual([
    'userId refers to the model Users, which does not exist; did you mean User?',
  ])
  expect(messagesOf(QUICK_START.replace('partitionKey: postId', 'partitionKey: postID'))).toEqual([
    'postID is not a field of this model; did you mean postId?',
  ])
  expect(messagesOf(QUICK_START.replace('modelPrefix: p ', 'modelPrefix: u '))).toEqual([
    'Post has the modelPrefix u, like User; choose another',
  ])
  expect(messagesOf(QUICK_START.replace('autoAssign: true }', 'autoAssing: true }'))).toEqual([
    'autoAssing is not known in models.Post.fields.postId; did you mean autoAssign?',
  ])
})

absent([9], 'the file of a removed model is removed', async () => {
  const made = project()
  made.write('models.yaml', QUICK_START)
  await made.generate()
  made.write('models.yaml', QUICK_START.slice(0, QUICK_START.indexOf('  Post:')))
  await made.generate()
  expect(existsSync(made.path('models/post.ts'))).toBe(false)
  expect(made.read('models/db.ts')).not.toContain('post')
})

absent([10], 'code of one module system has no statement of the other', async () => {
  for (const [moduleSystem, wrong] of [
    ['commonjs', /^(?:import|export)\b/m],
    ['esm', /\brequire\(|module\.exports/],
  ] as const) {
    const made = project()
    made.write('package.json', '{}')
    made.write('models.yaml', SAMPLES.EVERYTHING as string)
    const { create } = await made.generate({ language: 'js', moduleSystem })
    expect(create).toContain('collections.js')
    for (const name of create) expect(made.read(`models/${name}`)).not.toMatch(wrong)
  }
})

absent([11], 'a model that two files define is a mistake', () => {
  expect(messagesOf(QUICK_START, SAMPLES.SIMPLE as string)).toEqual([
    'User is also in another file; rename or remove one',
  ])
})

allAccountedFor()
