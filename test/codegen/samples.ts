/** Files of models: those of DynamoBao's documentation as they stand, and one with everything that YAML can say. */

const SIMPLE = `models:
  User: {
    modelPrefix: u
    fields:
      userId: {type: UlidField, autoAssign: true, required: true}
      name: {type: StringField, required: true}
      email: {type: EmailField, required: true}
    primaryKey: {partitionKey: userId}
  }
`

const RELATIONS = `models:
  User:
    modelPrefix: u    # required short string to identify the model
    fields:
      userId: {type: UlidField, autoAssign: true, required: true}
      name: {type: StringField, required: true}
      email: {type: EmailField, required: true}
    primaryKey: {partitionKey: userId}  # required
    # Add up to 3 unique constraints each with a unique id: uc1, uc2, uc3
    uniqueConstraints: {uniqueEmail: {field: email, uniqueConstraintId: uc1}}
  Post:
    modelPrefix: p
    fields:
      postId: {type: UlidField, autoAssign: true}
      # Enables getUser on a Post object / load related data
      userId: {type: RelatedField, model: User, required: true}
      title: {type: StringField, required: true}
      content: {type: StringField, required: true}
    primaryKey: {partitionKey: postId}
    indexes:
      # Add up to 3 indexes; make sure each index has a unique id: gsi1, gsi2, gsi3
      # Enables user.queryPosts() to query posts for a user
      postsForUser: {partitionKey: userId, sortKey: postId, indexId: gsi2}
`

const QUICK_START = `models:
  User:
    modelPrefix: u   # required short string to identify the model
    fields:
      userId: { type: UlidField, autoAssign: true, required: true }
      name: { type: StringField, required: true }
      email: { type: StringField, required: true }
      profilePictureUrl: { type: StringField }
      createdAt: { type: CreateDateField }
      modifiedAt: { type: ModifiedDateField }
      role: { type: StringField }
    primaryKey:
      partitionKey: userId
    uniqueConstraints:
      # Enforces unique constraint on email field and enables User.findByEmail()
      uniqueEmail: { field: email, uniqueConstraintId: uc1 }

  Post:
    modelPrefix: p   # required short string to identify the model
    fields:
      postId: { type: UlidField, autoAssign: true }
      userId: { type: RelatedField, model: User, required: true }
      title: { type: StringField, required: true }
      content: { type: StringField, required: true }
      createdAt: { type: CreateDateField }
      version: { type: VersionField }
    primaryKey:
      partitionKey: postId
    indexes:
      # Enables user.queryPosts() to query posts for a user
      postsForUser: { partitionKey: userId, sortKey: createdAt, indexId: gsi2 }
`

/** The documentation shows it with its fields left out. */
const NOT_ITERABLE = `models:
  AnalyticsEvent:
    modelPrefix: "ae"
    iterable: false # Disabling iteration for this write-heavy model
    fields:
      eventId: { type: UlidField, autoAssign: true }
    primaryKey: { partitionKey: eventId }
`

/** Self relations, mutual relations, several relations to one model, mappings, and a mapping of a model to itself. */
const MUTUAL = `models:
  User:
    modelPrefix: u
    fields:
      userId: { type: UlidField, autoAssign: true }
      managerId: { type: RelatedField, model: User }
      teamId: { type: RelatedField, model: Team }
    primaryKey: { partitionKey: userId }
    indexes:
      reportsForManager: { partitionKey: managerId, sortKey: userId, indexId: gsi1 }
      membersForTeam: { partitionKey: teamId, sortKey: userId, indexId: gsi2 }
      allUsers: { partitionKey: modelPrefix, sortKey: userId, indexId: gsi3 }
  Team:
    modelPrefix: t
    fields:
      teamId: { type: UlidField, autoAssign: true }
      leadId: { type: RelatedField, model: User }
    primaryKey: { partitionKey: teamId }
    indexes:
      teamsForLead: { partitionKey: leadId, sortKey: teamId, indexId: gsi1 }
  Doc:
    modelPrefix: d
    fields:
      docId: { type: UlidField, autoAssign: true }
      ownerId: { type: RelatedField, model: User, required: true }
      editorId: { type: RelatedField, model: User }
      views: { type: CounterField }
      expires: { type: TtlField }
      tags: { type: StringSetField }
    primaryKey: { partitionKey: modelPrefix, sortKey: docId }
    indexes:
      docsForOwner: { partitionKey: ownerId, sortKey: docId, indexId: gsi1 }
      docsForEditor: { partitionKey: editorId, sortKey: docId, indexId: gsi2, when: { docId: { $ne: none } } }
  Follow:
    modelPrefix: f
    tableType: mapping
    fields:
      followerId: { type: RelatedField, model: User, required: true }
      followedId: { type: RelatedField, model: User, required: true }
      createdAt: { type: CreateDateField }
    primaryKey: { partitionKey: followerId, sortKey: followedId }
    indexes:
      followedForUser: primaryKey
      followersForUser: { partitionKey: followedId, sortKey: followerId, indexId: gsi1 }
  Tag:
    modelPrefix: g
    fields: { tagId: { type: UlidField, autoAssign: true }, name: { type: StringField, required: true } }
    primaryKey: { partitionKey: tagId }
    uniqueConstraints: { uniqueName: { field: name, uniqueConstraintId: uc1, lower: true } }
  TaggedDoc:
    modelPrefix: td
    tableType: mapping
    fields:
      tagId: { type: RelatedField, model: Tag, required: true }
      docId: { type: RelatedField, model: Doc, required: true }
    primaryKey: { partitionKey: tagId, sortKey: docId }
    indexes:
      docsForTag: primaryKey
      tagsForDoc: { partitionKey: docId, sortKey: tagId, indexId: gsi1 }
`

/** Every type, option and part of a model. */
const EVERYTHING = `# yaml-language-server: $schema=models.schema.json
tenancy: required
models:
  Everything:
    description: |
      All types of fields. */ process.exit(1) /*
      A second line.
    fields:
      id: { type: ulid, auto: true }
      string: { type: string, min: 1, maxLength: 80, pattern: '^[\\p{L}/"]', default: "Ünn\\u2028\\"'\`\${x}" , description: "*/ x" }
      odd: { type: string, pattern: '^\\@a\\-[x-z]\\\\@\\/', optional: true }
      email: { type: email, default: a@example.com }
      url: { type: url, optional: true, readonly: true }
      integer: { type: integer, min: -5, max: 10, default: -0 }
      number: { type: FloatField, precision: 2, default: 1.239 }
      bigint: { type: bigint, max: 12345678901234567890123456789, default: 12345678901234567890 }
      decimal: { type: decimal, min: -1.5, default: 0.10 }
      boolean: { type: boolean, default: false }
      date: { type: date, min: 2000-01-01, default: 2026-01-31T12:00:00Z }
      uuid: { type: uuid, auto: true }
      state: { type: enum, values: [draft, "it's \\"done\\""], default: draft }
      counter: counter
      version: version
      createdAt: createdAt
      updatedAt: updatedAt
      deletedAt: deletedAt
      bytes: { type: bytes, max: 100, optional: true }
      tags: { type: StringSetField, maxStringLength: 5, maxMemberCount: 3 }
      numbers: { type: set, of: integer, default: [1, 2] }
      list: { type: list, of: { type: map, fields: { at: date, n: number } }, default: [{ at: 2026-01-01, n: 1 }] }
      record: { type: record, of: integer, default: { a: 1, "b c": 2 } }
      map: { type: map, fields: { city: string, zip: StringField, inner: { type: map, fields: { x: bigint } } }, default: { city: Ulm, inner: { x: 5 } } }
      json: { type: json, default: { a: [1, null, { b: true }], "c-d": .5 } }
      attribute: { type: string, attribute: "stored name", default: x }
      roles: { type: list, of: { type: map, fields: { userId: string, role: string } }, default: [] }
      comments: { type: countOf, ref: Child.parentId }
    key: { pk: 'EVERYTHING#{id}', sk: EVERYTHING }
    unique:
      email: { fields: [email], lower: true, trim: true }
      pair: [uuid, state]
    indexes:
      byState: { on: gsi1, pk: 'STATE#{state}', sk: '{date}#{number}' }
      byCounter: { on: 20, pk: 'COUNTER' , sk: '{counter}' }
    relations:
      children: { many: Child, index: byParent }
    iterable: { buckets: 3 }
    type: everything
    softDelete: { indexes: remove, unique: keep }
    rules:
      permissions: http
      locks: [email, map.city]
      uniqueWithin: { roles: [[userId], [role]] }
      audit: { expireAfter: 1000 }
  Child:
    fields:
      parentId: { type: ref, model: Everything, onDelete: cascade }
      childId: string
      picture: { type: asset, types: { image: { max: 1000 }, "image/png": {} }, min: 1, optional: true }
    key: { pk: 'CHILD#{childId}', sk: CHILD }
    indexes:
      byParent: { on: gsi1, pk: 'CHILDREN#{parentId}', sk: '{childId}' }
    relations:
      parent: { one: Everything, field: parentId }
    rules:
      permissions: { inherit: parentId }
      references: { childId: ['Everything(@parentId)._id->string'] }
  Org:
    fields: { orgId: string }
    key: { pk: 'ORG#{orgId}', sk: ORG }
    iterable: false
  Member:
    fields: { orgId: { type: ref, model: Org, guard: true }, userId: string }
    key: { pk: 'ORG#{orgId}', sk: 'MEMBER#{userId}' }
    iterationBuckets: 2
  Raw:
    fields: { a: string, b: string, ttl: { type: ttl, optional: true } }
    key: { pk: 'raw/{a}', sk: '{b}' }
    encoding: raw
    type: null
collections:
  OrgDetails: { description: An organisation., pk: 'ORG#{orgId}', one: { org: Org }, many: { members: Member } }
`

/** Names that mean something in JavaScript, and that differ only by case. */
const NAMES = `models:
${[
  'Date',
  'Object',
  'Promise',
  'DateModel',
  'Models',
  'ModelsModel',
  'Options',
  'Decimal',
  'Database',
  'NaN',
  'Map',
  'Number',
  'Omit',
  'RegExp',
]
  .map(
    name => `  ${name}:
    fields: { id: string, at: { type: date, default: 2026-01-01 }, n: { type: FloatField, precision: 1 }, odd: { type: string, pattern: '^\\w/', optional: true }, d: { type: decimal, min: 0.5, optional: true } }
    key: id
`,
  )
  .join('')}${['UserId', 'UserID', 'User_Id', 'Db', 'Con']
  .map(name => `  ${name}: { fields: { class: string, default: string }, key: class }\n`)
  .join('')}collections:
  Class: { pk: 'UserId#{class}', many: { users: UserId } }
`

export const SAMPLES: { readonly [name: string]: string } = {
  SIMPLE,
  RELATIONS,
  QUICK_START,
  NOT_ITERABLE,
  MUTUAL,
  EVERYTHING,
  NAMES,
}
