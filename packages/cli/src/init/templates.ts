/** The files of a new project. */
import { textLiteral } from '../codegen/print/literal.js'
import type { PartitaConfig } from '../config/config.js'
import { DEFAULT_STORE } from '../config/settings.js'
import { DEFAULT_TABLE } from '../session/store-session.js'

/** A file to create: its path in the project's folder, and its text. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** How a new project describes its models. */
export type Template = 'typescript' | 'javascript' | 'yaml' | 'active-record'

/** What the user chooses for a new project. */
export interface ProjectChoices {
  readonly template: Template
  readonly store: string
  readonly table: string
  /** Whether `.js` files of the project are ECMAScript modules: `"type": "module"` in its package.json. */
  readonly isModule: boolean
  /** Whether the folder belongs to a package. If not, the project gets a package.json. */
  readonly hasPackage: boolean
}

/** The file of the models in YAML. */
export const YAML_MODELS = 'models.yaml'
/** The file that describes the models of each template. */
export const MODEL_FILES: { readonly [name in Template]: string } = {
  typescript: 'models.ts',
  javascript: 'models.mjs',
  yaml: YAML_MODELS,
  'active-record': YAML_MODELS,
}
/** The folder of the code that is generated from it. */
export const OUT = 'models'

/** How the code of active records is generated. */
export function activeRecordCode(isModule: boolean) {
  return { language: 'js', moduleSystem: isModule ? 'esm' : 'commonjs', activeRecord: true } as const
}

/** The models of the templates `typescript` and `javascript`. */
const MODELS = `import { f, many, model, one } from 'partita'

export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    name: f.string().min(1),
    email: f.email(),
    createdAt: f.createdAt(),
  },
  key: 'userId',
  unique: { email: ['email'] },
  relations: { posts: many('Post', 'byAuthor') },
})

export const Post = model('Post', {
  fields: {
    postId: f.ulid().auto(),
    userId: f.ref('User'),
    title: f.string().min(1),
    createdAt: f.createdAt(),
  },
  key: 'postId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{userId}', sk: '{createdAt}' } },
  relations: { author: one('User', 'userId') },
})
`

/** The program of every template but `active-record`. In TypeScript and CommonJS, `await` needs a function around it. */
function program(imports: string, connect: string): string {
  return `${imports}

async function main() {
  const db = await ${connect}
  const email = 'ada@example.com'
  const user = (await db.User.findBy({ email })) ?? (await db.User.create({ name: 'Ada', email }))
  await db.Post.create({ userId: user.userId, title: 'Notes on the engine' })

  const author = await db.User.findBy({ email }, { with: { posts: { order: 'desc' } } })
  console.log(\`Posts by \${author?.name}: \${author?.posts.length}\`)
  await db.close()
}

main()
`
}

const YAML = `models:
  User:
    modelPrefix: u # a short name that is the same for as long as the model has rows
    fields:
      userId: { type: ulid, auto: true }
      name: { type: string, min: 1 }
      email: email
      createdAt: createdAt
    primaryKey: { partitionKey: userId }
    unique:
      email: [email]

  Post:
    modelPrefix: p
    fields:
      postId: { type: ulid, auto: true }
      userId: { type: ref, model: User }
      title: { type: string, min: 1 }
      createdAt: createdAt
    primaryKey: { partitionKey: postId }
    indexes:
      postsForUser: { partitionKey: userId, sortKey: createdAt, indexId: gsi1 }
`

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    },
  },
  null,
  2,
)}\n`

/** The files of a project. The code that the command generates from `models.yaml` is not among them. */
export function projectFiles(choices: ProjectChoices): ProjectFile[] {
  const { template, hasPackage } = choices
  const files = [configuration(choices), { path: '.gitignore', text: 'node_modules/\n.partita/\n' }]
  if (!hasPackage) files.push(packageFile(template))
  if (template === 'typescript' || template === 'yaml') files.push({ path: 'tsconfig.json', text: TSCONFIG })
  return [...files, ...programs[template](choices)]
}

/** Programs of active records are CommonJS, as DynamoBao's are; TypeScript needs modules to import the library. */
function packageFile(template: Template): ProjectFile {
  const contents = { private: true, type: template === 'active-record' ? 'commonjs' : 'module' }
  return { path: 'package.json', text: `${JSON.stringify(contents, null, 2)}\n` }
}

/** The program that a template creates, and how it is started. */
export function exampleOf(template: Template): { readonly path: string; readonly command: string } {
  if (template === 'javascript') return { path: 'example.mjs', command: 'node example.mjs' }
  if (template === 'active-record') return { path: 'example.js', command: 'node example.js' }
  return { path: 'example.ts', command: 'npx jiti example.ts' }
}

const programs: { readonly [name in Template]: (choices: ProjectChoices) => ProjectFile[] } = {
  typescript: choices => [
    { path: MODEL_FILES.typescript, text: MODELS },
    { path: 'example.ts', text: connecting(choices, './models.js') },
  ],
  javascript: choices => [
    { path: MODEL_FILES.javascript, text: MODELS },
    { path: 'example.mjs', text: connecting(choices, './models.mjs') },
  ],
  yaml: choices => [
    { path: YAML_MODELS, text: YAML },
    {
      path: 'example.ts',
      text: program(`import { connectModels } from './models/db.js'`, `connectModels(${options([], choices)})`),
    },
  ],
  'active-record': choices => [
    { path: YAML_MODELS, text: YAML },
    activeRecordConfig(choices),
    { path: 'example.js', text: activeRecordExample(choices) },
  ],
}

function connecting(choices: ProjectChoices, models: string): string {
  return program(
    `import { connect } from 'partita'\nimport * as models from '${models}'`,
    `connect(${options(['models'], choices)})`,
  )
}

/** The argument of `connect`. Defaults are left away: then `process`, whose types a project may lack, is not needed. */
function options(first: readonly string[], { store, table }: ProjectChoices): string {
  const members = [...first]
  if (store !== DEFAULT_STORE) members.push(`store: process.env.PARTITA_STORE ?? ${textLiteral(store)}`)
  if (table !== DEFAULT_TABLE) members.push(`table: ${textLiteral(table)}`)
  return members.length === 0 ? '' : `{ ${members.join(', ')} }`
}

/** `partita.config`. A project of active records has it as a module, which `config.js` passes on to its programs. */
function configuration({ template, store, table, isModule }: ProjectChoices): ProjectFile {
  const config: PartitaConfig = { store, table, models: MODEL_FILES[template] }
  if (template !== 'active-record') return { path: 'partita.config.json', text: `${JSON.stringify(config, null, 2)}\n` }
  const text = JSON.stringify({ ...config, codegen: activeRecordCode(isModule) } satisfies PartitaConfig, null, 2)
  return { path: 'partita.config.js', text: `${isModule ? 'export default' : 'module.exports ='} ${text}\n` }
}

function activeRecordConfig({ isModule }: ProjectChoices): ProjectFile {
  const text = isModule
    ? `export { default } from './partita.config.js'\n`
    : `module.exports = require('./partita.config.js')\n`
  return { path: 'config.js', text }
}

function activeRecordExample({ isModule }: ProjectChoices): string {
  const imports: readonly (readonly [string, string])[] = [
    ['{ User }', './models/user.js'],
    ['{ Post }', './models/post.js'],
    ['config', './config.js'],
    ['{ initModels }', 'partita/active-record'],
  ]
  const lines = imports.map(([names, from]) =>
    isModule ? `import ${names} from '${from}'` : `const ${names} = require('${from}')`,
  )
  return `${lines.join('\n')}

async function main() {
  initModels(config)

  const email = 'ada@example.com'
  let user = await User.findByEmail(email)
  if (!user.exists()) {
    user = new User({ name: 'Ada', email })
    await user.save()
  }
  await new Post({ userId: user.userId, title: 'Notes on the engine' }).save()

  const posts = await user.queryPosts(null, { direction: 'DESC' })
  console.log(\`Posts by \${user.name}: \${posts.items.length}\`)
}

main()
`
}
