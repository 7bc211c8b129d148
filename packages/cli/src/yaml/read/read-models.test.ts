import { expect, it } from 'vitest'
import type { ModelDescription, ModelSet } from '../model-set.js'
import { BadModels } from '../problem.js'
import { modelsOf } from './read-models.js'

function read(...texts: string[]): ModelSet {
  return modelsOf(texts.map((text, i) => ({ path: `models${i}.yaml`, text })))
}

function modelOf(set: ModelSet, name: string): ModelDescription {
  return set.models.find(it => it.name === name) as ModelDescription
}

/** The messages of all mistakes, with line and column. */
function mistakes(...texts: string[]): string[] {
  try {
    read(...texts)
  } catch (error) {
    if (!(error instanceof BadModels)) throw error
    const { problems } = error.details as { problems: { line: number; column: number; message: string }[] }
    return problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
  return []
}

const USER = `models:
  User:
    modelPrefix: u
    fields:
      userId: { type: UlidField, autoAssign: true, required: true }
      name: StringField
    primaryKey: { partitionKey: userId }
`

it('keys in the words of DynamoBao become templates that begin with the prefix', () => {
  const set = read(`${USER}
  Post:
    modelPrefix: p
    fields:
      postId: { type: UlidField, autoAssign: true }
      userId: { type: RelatedField, model: User, required: true }
      createdAt: CreateDateField
    primaryKey: { partitionKey: modelPrefix, sortKey: postId }
    indexes:
      postsForUser: { partitionKey: userId, sortKey: createdAt, indexId: gsi2 }
      all: { partitionKey: modelPrefix, indexId: 3 }
      byId: primaryKey
`)
  const { key, indexes } = modelOf(set, 'Post')
  expect([key.pk, key.sk]).toEqual(['p', '{postId}'])
  expect(indexes.map(({ name, on, pk, sk }) => [name, on, pk, sk])).toEqual([
    ['postsForUser', 'gsi2', 'p#{userId}', '{createdAt}'],
    ['all', 'gsi3', 'p', 'p'],
    ['byId', 'key', 'p', '{postId}'],
  ])
})

it('fields of DynamoBao are optional unless required, and those of the library are required unless optional', () => {
  const set = read(`models:
  M:
    fields: { a: StringField, b: { type: StringField, required: true }, c: string, d: { type: string, optional: true }, e: { type: string, required: false } }
    key: c
`)
  expect(modelOf(set, 'M').fields.map(({ name, required }) => [name, required])).toEqual([
    ['a', false],
    ['b', true],
    ['c', true],
    ['d', false],
    ['e', false],
  ])
})

it('relations follow from refs and indexes, self relations and mutual ones included', () => {
  const set = read(
    `${USER}      bestFriendId: { type: RelatedField, model: User }
    indexes:
      friendsForUser: { partitionKey: bestFriendId, sortKey: userId, indexId: gsi1 }
`.replace(/( {4}primaryKey.*\n)(.*\n)/, '$2$1'),
  )
  expect(modelOf(set, 'User').relations.map(({ name, kind, target, index }) => [name, kind, target, index])).toEqual([
    ['bestFriend', 'one', 'User', undefined],
    ['friends', 'many', 'User', 'friendsForUser'],
  ])
})

it('a mapping of a model to itself leads from each end to the other', () => {
  const set = read(`${USER}
  Follow:
    modelPrefix: f
    tableType: mapping
    fields:
      followerId: { type: RelatedField, model: User }
      followedId: { type: RelatedField, model: User }
    primaryKey: { partitionKey: followerId, sortKey: followedId }
    indexes:
      followedForUser: primaryKey
      followersForUser: { partitionKey: followedId, sortKey: followerId, indexId: gsi1 }
`)
  const through = modelOf(set, 'User').relations.filter(({ kind }) => kind === 'through')
  expect(through.map(({ name, via, index, to }) => [name, via, index, to])).toEqual([
    ['followed', 'Follow', 'key', 'followed'],
    ['followers', 'Follow', 'followersForUser', 'follower'],
  ])
})

it('two relations that would have the same name get the names of their indexes', () => {
  const set = read(`${USER}
  Doc:
    modelPrefix: d
    fields:
      docId: { type: UlidField }
      ownerId: { type: RelatedField, model: User }
      editorId: { type: RelatedField, model: User }
    primaryKey: { partitionKey: docId }
    indexes:
      docsForOwner: { partitionKey: ownerId, sortKey: docId, indexId: gsi1 }
      docsForEditor: { partitionKey: editorId, sortKey: docId, indexId: gsi2 }
`)
  expect(modelOf(set, 'User').relations.map(({ name }) => name)).toEqual(['docsForOwner', 'docsForEditor'])
})

it('a written relation replaces the one that would follow', () => {
  const set = read(`${USER}
    relations: { articles: { many: Post, index: postsForUser } }
  Post:
    modelPrefix: p
    fields: { postId: ulid, userId: { type: ref, model: User } }
    key: postId
    relations: { author: { one: User, field: userId } }
    indexes: { postsForUser: { partitionKey: userId, indexId: gsi1 } }
`)
  expect(modelOf(set, 'User').relations.map(({ name }) => name)).toEqual(['articles'])
  expect(modelOf(set, 'Post').relations.map(({ name }) => name)).toEqual(['author'])
})

it('models with names that differ have files that differ, also without case and beside db.ts', () => {
  const model = (name: string) => `  ${name}: { fields: { id: string }, key: { pk: '${name}#{id}' } }\n`
  const set = read(
    `models:\n${['UserId', 'UserID', 'User_Id', 'Db', 'DbModel', 'Con', 'BlogPost'].map(model).join('')}`,
  )
  const files = set.models.map(({ fileName }) => fileName)
  expect(new Set(files).size).toBe(7)
  expect(files.at(-1)).toBe('blog-post')
  expect(files.filter(file => ['db', 'con'].includes(file))).toEqual([])
})

it('a folder of files is one set, in which a model of two files is a mistake', () => {
  expect(mistakes(USER, USER.replace('modelPrefix: u', 'modelPrefix: v'))).toEqual([
    '2:3 User is also in another file; rename or remove one',
  ])
})

it.each([
  [
    'type: StrngField',
    '5:23 models.User.fields.userId.type is "StrngField", which is not a type of fields; did you mean StringField?',
  ],
  [
    'type: UlidField, autoAsign: true',
    '5:34 autoAsign is not known in models.User.fields.userId; did you mean autoAssign?',
  ],
  ['type: UlidField, required: yes', '5:44 models.User.fields.userId.required is "yes"; write true'],
  ['type: RelatedField, model: Usr', '5:7 userId refers to the model Usr, which does not exist; did you mean User?'],
  ['type: RelatedField', '5:17 models.User.fields.userId lacks model'],
  ['type: string, max: 5, maxLength: 6', '5:39 maxLength means the same as max; remove one'],
  ['type: integer, default: five', '5:41 models.User.fields.userId.default is "five"; it takes a whole number'],
])('the mistake { %s } is shown with its position and the right name', (field, message) => {
  const text = USER.replace('type: UlidField, autoAssign: true, required: true', field)
  expect(mistakes(text)).toEqual([message])
})

it.each([
  ['partitionKey: userId', 'partitionKey: usrId', '7:33 usrId is not a field of this model; did you mean userId?'],
  ['primaryKey:', 'primarKey:', '7:5 primarKey is not known in models.User; did you mean primaryKey?'],
  [
    'modelPrefix: u',
    'modelPrefix: 7',
    '3:18 models.User.modelPrefix is 7; it takes a short text of letters and digits',
  ],
  ['  User:', '  user:', '2:3 user cannot be the name of a model: it begins with a capital letter'],
  ['modelPrefix: u', 'modelPrefix: u\n    modelPrefix: v', '4:5 modelPrefix is here twice; remove one'],
])('"%s" written as "%s" is a mistake at its line and column', (right, wrong, message) => {
  expect(mistakes(USER.replace(right, wrong))).toEqual([message])
})

it('two models with one prefix, and two indexes on one physical index, are mistakes', () => {
  const other = USER.replace('models:\n', '').replace('User:', 'Other:')
  expect(mistakes(USER + other)).toEqual(['8:3 Other has the modelPrefix u, like User; choose another'])
  const indexes = `    indexes:
      a: { partitionKey: name, indexId: gsi1 }
      b: { partitionKey: userId, indexId: gsi1 }
`
  expect(mistakes(USER + indexes)).toEqual(['10:7 b is on gsi1, like a; choose another physical index'])
})
