import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadModels } from './load.js'

/** A folder with files. @returns a function that resolves names in it. */
function files(texts: { readonly [name: string]: string }): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'partita-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return name => join(folder, name)
}

const model = (name: string) => `models:\n  ${name}: { fields: { id: string }, key: id }\n`

it('models are loaded from a YAML file without generating code', async () => {
  const at = files({ 'models.yaml': model('User') })
  const { models } = await loadModels(at('models.yaml'))
  expect(models.User?.definition.key).toEqual({ pk: 'User#{id}', sk: 'User' })
})

it('a folder of YAML files is one set of models', async () => {
  const at = files({ 'models/a.yaml': model('User'), 'models/b.yml': model('Post'), 'models/notes.txt': 'no model' })
  expect(Object.keys((await loadModels(at('models'))).models)).toEqual(['User', 'Post'])
})

it('a mistake in YAML is an error with its code frame, and a folder without YAML is refused', async () => {
  const at = files({ 'models.yaml': model('User').replace('string', 'strng'), 'empty/notes.txt': '' })
  const error = await loadModels(at('models.yaml')).catch(it => it)
  expect(error).toMatchObject({ code: 'BadModels', exitCode: 1 })
  expect(error.frames).toEqual([expect.stringContaining('did you mean string?')])
  await expect(loadModels(at('empty'))).rejects.toThrow('it is a folder')
  await expect(loadModels(at('missing.yaml'))).rejects.toThrow('there is no')
})

it('a file that is not UTF-8, or too large, is refused', async () => {
  const at = files({ 'large.yaml': `# ${'x'.repeat(2_100_000)}\n${model('User')}` })
  writeFileSync(at('latin.yaml'), Buffer.from([0x6d, 0xe4, 0x3a]))
  await expect(loadModels(at('latin.yaml'))).rejects.toThrow('it is not UTF-8')
  await expect(loadModels(at('large.yaml'))).rejects.toThrow('characters; 2000000 are allowed')
})

it('a file with a BOM and CRLF is read, and its mistakes have the right lines', async () => {
  const text = `\uFEFF${model('User')}`.replaceAll('\n', '\r\n')
  const at = files({ 'models.yaml': text, 'wrong.yaml': text.replace('string', 'strng') })
  expect(Object.keys((await loadModels(at('models.yaml'))).models)).toEqual(['User'])
  const error = await loadModels(at('wrong.yaml')).catch(it => it)
  expect(error.details.problems).toMatchObject([{ line: 2, column: 25 }])
})
