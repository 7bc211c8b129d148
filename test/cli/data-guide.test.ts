/** The commands of docs/guide/command-data.md run as they are written, in their order, with the files of the page. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../packages/partita/src/index.js'
import { programFolder } from '../programs.js'
import { Post, User } from './data-models.js'
import { callWith } from './in-process.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/guide/command-data.md', import.meta.url)), 'utf8')
const blocks = [...page.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, text]) => ({
  language: language as string,
  text: text as string,
}))

/** The text of the only block of a language, or of one that contains a text. */
function blockOf(language: string, containing = ''): string {
  const found = blocks.filter(block => block.language === language && block.text.includes(containing))
  expect(found.map(({ text }) => text)).toHaveLength(1)
  return found[0]?.text as string
}

/** The words of a command line of a POSIX shell. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}

let folder: string
let store: string
beforeAll(async () => {
  folder = programFolder('command-data')
  store = `embedded:${join(folder, 'store')}`
  writeFileSync(join(folder, 'models.mjs'), blockOf('js'))
  writeFileSync(join(folder, 'seed.mjs'), blockOf('javascript'))
  writeFileSync(join(folder, 'seed.jsonl'), blockOf('json', '"model"'))
  // The table of these models has the index of those of the page.
  await (await connect({ models: { User, Post }, store })).close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs one line: a command, or several with pipes between them. @returns the output of the last one. */
async function runLine(line: string): Promise<string> {
  let input = ''
  for (const command of line.split(' | ')) {
    const [name, ...words] = wordsOf(command)
    expect(name).toBe('partita')
    const args = words.map(word => (word.startsWith('./') ? join(folder, word) : word))
    const options = ['--models', join(folder, 'models.mjs'), ...(args[0] === 'decode' ? [] : ['--store', store])]
    const isModel = /^[A-Z]/.test(args[1] ?? '') || ['decode', 'seed', 'table'].includes(args[0] ?? '')
    const { code, stdout, stderr } = await callWith(input, ...args, ...(isModel ? options : options.slice(2)))
    expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' })
    input = stdout
  }
  return input
}

it('the commands of the guide run in their order, and print what the guide shows', async () => {
  let shown = 0
  for (const [i, { language, text }] of blocks.entries()) {
    if (language !== 'sh') continue
    let output = ''
    for (const line of text.trim().split('\n')) output = await runLine(line)
    const next = blocks[i + 1]
    const isOutput = next?.language === 'text'
    if (isOutput) expect(output).toBe(next?.text)
    if (isOutput) shown++
  }
  expect(shown).toBe(2)
})
