/** The grammar of CRQL, and what is checked of a query before it runs. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, model, PartitaError } from 'partita'
import { afterAll, beforeAll, expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { CHAIN, Project, User, Workspace } from './models.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)
const models = { User, Workspace, Project }
const open = () => connect({ models, store: 'memory:' })
let db: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  db = await open()
  await db.Workspace.create({
    workspaceId: 'w1',
    userRoles: [{ userId: 'u1' }, { userId: 'u2' }],
    labels: { 'a "name" of many words': 'x', 'two words': 'y' },
    and: { also: { this: [['a', 'b'], ['c']] } },
  })
  await db.Project.create({ projectId: 'p1', workspaceId: 'w1' })
})
afterAll(() => db.close())

const resultOf = async (text: string, context: unknown = { projectId: 'p1', workspaceId: 'w1' }) => {
  const { contexts } = await db.crql(text, [context])
  return [...(contexts[0]?.all ?? [])].sort()
}
const errorOf = (text: string) =>
  db.crql(text, [{}]).then(
    () => 'read',
    error => (PartitaError.is(error, 'ValidationFailed') ? error.message : Promise.reject(error)),
  )

holds([1], 'a query is a model with paths, or a chain of hops that ends with paths', async () => {
  expect(await resultOf('User._id', 'u1')).toEqual([])
  expect(await resultOf('Workspace(workspaceId)._id->userRoles.userId')).toEqual(['u1', 'u2'])
  expect(
    await resultOf('Project(projectId)._id->Workspace(workspaceId)._id->User(userRoles.userId)._id->email'),
  ).toEqual([])
})

holds([2], 'white space may be between tokens and nowhere else', async () => {
  for (const space of ['', ' ', '\n', '\r\n\t', '\u00a0\u2028\u3000']) {
    const spaced = CHAIN.replace(/\s+/g, '').replace(/->|[().@]/g, sign => space + sign + space)
    expect(await resultOf(space + spaced + space), JSON.stringify(space)).toEqual(['u1', 'u2'])
  }
  expect(await errorOf('Project(projectId)._id ->\n Work space(workspaceId)._id->_id')).toMatch(/line 2, column 7/)
  expect(await errorOf('Project(projectId)._id - >_id')).toMatch(/line 1, column 24/)
  expect(await errorOf('User.em ail')).toMatch(/line 1, column 9/)
})

holds([3], 'a comma before the last step and a chain without paths are errors that say what to do', async () => {
  expect(await errorOf('Project(projectId)._id')).toMatch(/add -> and what to read/)
  expect(await errorOf('Project(projectId)._id,workspaceId->_id')).toMatch(/only the last step/)
  expect(await errorOf('Project(projectId,workspaceId)._id->_id')).toMatch(/\) is missing/)
  expect(await resultOf('Workspace(workspaceId)._id->userRoles.userId,_id')).toEqual(['u1', 'u2', 'w1'])
})

holds([4], 'aliases, literals, filters and negations are not part of the language', async () => {
  for (const text of [
    'User._id as id',
    "Project('p1')._id->_id",
    'Project(projectId)[0]._id->_id',
    'Project(projectId)._id->workspaceId = "w1"',
    '!User._id',
    'User.*',
    'User._id->email',
  ]) {
    expect(await errorOf(text), text).toMatch(/line 1, column \d+/)
  }
})

holds([5], 'digits choose an element of a list, and quotes name any field', async () => {
  expect(await resultOf('Workspace(workspaceId)._id->userRoles.1.userId')).toEqual(['u2'])
  expect(await resultOf('Workspace(workspaceId)._id->and.also.this.0')).toEqual(['a', 'b'])
  expect(await resultOf('Workspace(workspaceId)._id->and.also.this.0.1')).toEqual(['b'])
  expect(await resultOf('Workspace("workspaceId")._id->labels."two words"')).toEqual(['y'])
  expect(await resultOf('Workspace(list.1)._id->_id', { list: ['x', 'w1'] })).toEqual(['w1'])
})

holds(
  [6],
  'connect refuses unknown models and paths, values that are never equal, and matches without an index',
  async () => {
    const Wrong = model('Wrong', {
      fields: { id: f.string(), at: f.date(), of: f.string() },
      key: 'id',
      rules: {
        permissions: 'http',
        references: {
          of: [
            'Nobody._id',
            'User.nothing',
            'Workspace.userRoles.userId',
            'Workspace.something.else',
            'User(of._id',
          ] as string[],
          at: ['User._id', 'User(at)._id->email'] as string[],
        },
        limits: { of: 'Project(at)._id->_id' as string },
      },
    })
    const error = await connect({ models: { ...models, Wrong }, store: 'memory:' }).catch(error => error)
    const issues = PartitaError.is(error, 'ValidationFailed') ? error.details.issues.map(({ message }) => message) : []
    for (const [i, pattern] of [
      /not a connected model/,
      /not a field of User/,
      /no index finds rows/,
      /no index finds rows/,
      /\) is missing/,
      /is a date, but the query finds/,
      /never equal/,
      /never equal/,
    ].entries()) {
      expect(issues[i]).toMatch(pattern)
    }
    expect(issues).toHaveLength(8)
    // A hop to a model without soft deletes is as good as any other: `models` has one and was connected.
    expect(await resultOf(CHAIN)).toEqual(['u1', 'u2'])
  },
)

holds([7], 'hostile texts are refused by a short message', async () => {
  for (const text of [
    'Project(projectId)._id->'.repeat(800),
    'Project(projectId)._id->'.repeat(100_000),
    '('.repeat(19_999),
    `User.${'"'.repeat(19_000)}`,
    `User.${'a.'.repeat(9_000)}a`,
    ` ${'\u3000'.repeat(19_000)}`,
    'User.__proto__',
    'User.constructor.prototype',
    'Project(toString)._id->__proto__.polluted',
    '\ud800User._id',
  ]) {
    expect((await errorOf(text)).length).toBeLessThan(1000)
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

allAccountedFor()
