/** The programs of DynamoBao's README run as they stand, in CommonJS and in ES modules, on the embedded engine and DynamoDB. */
import { connect, f, model } from 'partita'
import 'partita/dynamodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type ActiveRecordProject, makeProject, type ProjectKind } from './project.js'
import { block } from './readme.js'

const RUNTIME = 'partita/active-record'
/** What the README leaves out before its loop. */
const BEFORE_LOOP = `const { Post } = require("./models/post");
const userConfig = require("./config");
const dynamoBao = require("dynamo-bao");
dynamoBao.initModels(userConfig);
`
const ULID = /[0-9A-HJKMNP-TV-Z]{26}/g

/** A program as the README has it, but for the name of the package; in ES modules with `import`, as the README says. */
function programOf(code: string, kind: ProjectKind): string {
  const named = code
    .replaceAll('require("dynamo-bao")', `require("${RUNTIME}")`)
    .replaceAll('from "dynamo-bao"', `from "${RUNTIME}"`)
  if (kind === 'commonjs') return named
  return named
    .replace(/const (\{ \w+ \}) = require\("(\.\/models\/\w+)"\)/g, 'import $1 from "$2.js"')
    .replace('const userConfig = require("./config")', 'import userConfig from "./config.js"')
    .replace(`const dynamoBao = require("${RUNTIME}")`, `import * as dynamoBao from "${RUNTIME}"`)
}

function configOf(kind: ProjectKind, table: string): string {
  const config = block('config.js').replace('your-table-name', table)
  return kind === 'commonjs' ? config : config.replace('module.exports =', 'export default')
}

const local = inject('servers').find(({ name }) => name === 'dynamodb-local')
const stores = [
  { name: 'the embedded engine', url: 'embedded:./data' },
  ...(local ? [{ name: 'DynamoDB Local', url: `dynamodb://${new URL(local.url).host}?region=local` }] : []),
]

describe.each(stores)('on $name', ({ url }) => {
  describe.each(['commonjs', 'esm'] as const)('as %s', kind => {
    const projects: ActiveRecordProject[] = []
    let examples: ActiveRecordProject
    const run = (project: ActiveRecordProject, name: string, code: string) => {
      project.write(name, programOf(code, kind))
      return project.node(name, { PARTITA_STORE: url })
    }
    const projectWithTable = async (name: string) => {
      const project = makeProject(kind)
      projects.push(project)
      const table = `readme-${name}-${kind}-${process.pid}-${Date.now().toString(36)}`
      project.write('config.js', configOf(kind, table))
      if (url.startsWith('dynamodb:')) await createTable(url, table)
      return project
    }

    beforeAll(async () => {
      examples = await projectWithTable('examples')
    })
    afterAll(() => {
      for (const project of projects) project.remove()
    })

    it('the simple model of the README is created, with its consumed capacity', async () => {
      await examples.generate(block('simple.yaml'))
      const printed = await run(examples, 'simple.js', block('simple.js'))
      expect(printed).toMatch(/Created user: User \{/)
      expect(printed).toContain("email: 'test@example.com'")
      const [, capacity] = /Consumed capacity: (\S+)/.exec(printed) ?? []
      expect(Number(capacity)).toBeGreaterThan(0)
    })

    it('the relations and unique constraints of the README work', async () => {
      await examples.generate(block('relations.yaml'))
      const printed = await run(examples, 'relations.js', block('relations.js'))
      expect(printed).toMatch(/Found user by email: User \{/)
      expect(printed).toContain('User posts: 2\nUser posts matching filter: 1\n')
    })

    it('a second row with a unique value is refused, and the program ends with the reason', async () => {
      const error = await examples.node('relations.js', { PARTITA_STORE: url }).catch(error => error)
      expect(error.stderr).toContain('UniqueViolationError')
    })

    it('all rows of a model are iterated over, as in the README', async () => {
      const loop = block('iterate.js')
      const code = kind === 'commonjs' ? `${BEFORE_LOOP}(async () => {\n${loop}})();\n` : `${BEFORE_LOOP}${loop}`
      const printed = await run(examples, 'iterate.js', code)
      expect(printed.trim().split('\n').sort()).toEqual(['Test Post 1', 'Test Post 2'])
    })

    it('the quick start of the README prints what the README shows, and also when it is repeated', async () => {
      const project = await projectWithTable('quick-start')
      await project.generate(block('quick-start.yaml'))
      const expected = block('example.js prints').replace(ULID, '<id>')
      const printed = await run(project, 'example.js', block('example.js'))
      expect(printed.replace(ULID, '<id>')).toBe(expected)
      expect(new Set(printed.match(ULID)).size).toBe(1)
      const again = await project.node('example.js', { PARTITA_STORE: url })
      expect(again.replace(ULID, '<id>')).toBe(expected.replace('false', 'true\nDeleted existing user'))
    })
  })
})

/** The table, with all indexes that the programs use. */
async function createTable(store: string, table: string): Promise<void> {
  const Any = model('Any', {
    fields: { id: f.string() },
    key: 'id',
    indexes: { all: { on: 'gsi2', pk: 'ANY#{id}' } },
  })
  const db = await connect({ models: { Any }, store, table, createTable: true })
  await db.close()
}
