/** The page about YAML says what is: its files of models are read, and the code that it shows is the code that is generated. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { FIELD_TYPES } from '../../packages/cli/src/yaml/grammar/field-types.js'
import { BadModels } from '../../packages/cli/src/yaml/problem.js'
import { modelsOf } from '../../packages/cli/src/yaml/read/read-models.js'
import { project } from './project.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/guide/yaml.md', import.meta.url)), 'utf8')
const yamls = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text as string)
const STYLE = '{"singleQuote":true,"semi":false,"arrowParens":"avoid","printWidth":100}'

it('every file of models on the page makes code', async () => {
  expect(yamls.length).toBeGreaterThan(2)
  for (const text of yamls) {
    const made = project()
    made.write('models.yaml', text)
    expect((await made.generate()).create).toContain('db.ts')
  }
})

it('the models that the page shows are those that its first file makes', async () => {
  const made = project()
  made.write('.prettierrc', STYLE)
  made.write('models.yaml', yamls[0] as string)
  await made.generate()
  const [code = ''] = page.match(/const User = model.*?(?=const db)/s) ?? []
  for (const name of ['user', 'post']) {
    const [, body = 'nothing'] = made.read(`models/${name}.ts`).split(/(?<=from 'partita'\n\n)/)
    expect(code).toContain(body.replace('export const', 'const').trim())
  }
})

it('the mistake that the page shows is reported like this', () => {
  const text = (yamls[0] as string).replace(/^#.*\n/, '').replace('type: ulid', 'type: ulit')
  const [frame = 'nothing'] = framesOf(text)
  expect(page).toContain(frame)
})

it('the page lists every type of fields', () => {
  const table = page.slice(page.indexOf('| type'), page.indexOf('Every field also takes'))
  for (const { name, bao } of FIELD_TYPES) {
    expect(table).toContain(`\`${name}\``)
    if (bao !== undefined) expect(table).toContain(`\`${bao}\``)
  }
})

function framesOf(text: string): readonly string[] {
  try {
    modelsOf([{ path: 'models.yaml', text }])
    return []
  } catch (error) {
    if (error instanceof BadModels) return error.frames
    throw error
  }
}
