import { PassThrough } from 'node:stream'
import { decimal } from 'partita'
import { expect, it } from 'vitest'
import { reportOf, Usage } from '../failure.js'
import { Output } from './output.js'

type Row = Readonly<Record<string, unknown>>

function terminal(columns?: number) {
  const stream = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns })
  let text = ''
  stream.on('data', part => {
    text += part
  })
  return { output: new Output(stream, new PassThrough()), text: () => text }
}

async function* each(...rows: Row[]) {
  yield* rows
}

const ROWS: Row[] = [
  { name: 'Ada', born: new Date(0), score: decimal('12345678901234567890.5') },
  { name: '山田太郎', tags: new Set(['b', 'a']), active: true },
]

it('rows are aligned columns on a terminal, and wide characters take two of its columns', async () => {
  const { output, text } = terminal(200)
  expect(await output.rows(each(...ROWS))).toBe(2)
  expect(text().split('\n')).toEqual([
    'name      born                      score                   tags                active',
    'Ada       1970-01-01T00:00:00.000Z  12345678901234567890.5',
    '山田太郎                                                    {"$set":["a","b"]}  true',
    '',
  ])
})

it('rows are JSON Lines where stdout is not a terminal, and with jsonl', async () => {
  const expected =
    '{"name":"Ada","born":"1970-01-01T00:00:00.000Z","score":{"$number":"12345678901234567890.5"}}\n' +
    '{"name":"山田太郎","tags":{"$set":["a","b"]},"active":true}\n'
  const pipe = terminal()
  await pipe.output.rows(each(...ROWS))
  expect(pipe.text()).toBe(expected)
  const screen = terminal(80)
  await screen.output.rows(each(...ROWS), { jsonl: true })
  expect(screen.text()).toBe(expected)
})

it('rows are one envelope with json, also without a row', async () => {
  const some = terminal()
  expect(await some.output.rows(each({ a: 1 }, { a: [new Date(0)] }), { json: true })).toBe(2)
  expect(JSON.parse(some.text())).toEqual({ ok: true, data: [{ a: 1 }, { a: ['1970-01-01T00:00:00.000Z'] }] })
  const none = terminal()
  expect(await none.output.rows(each(), { json: true })).toBe(0)
  expect(JSON.parse(none.text())).toEqual({ ok: true, data: [] })
})

it('an error between rows leaves one valid envelope with the rows before it and the error', async () => {
  const { output, text } = terminal()
  async function* broken() {
    yield { a: 1 }
    throw new Usage('broken')
  }
  const error = await output.rows(broken(), { json: true }).catch(error => error)
  await output.failure(reportOf(error))
  expect(text().split('\n')).toHaveLength(2)
  expect(JSON.parse(text())).toMatchObject({ ok: false, data: [{ a: 1 }], error: { code: 'Usage', message: 'broken' } })
})

it('a table fits the terminal: its widest columns are cut off', async () => {
  const { output, text } = terminal(40)
  await output.rows(each({ id: 'u1', text: 'x'.repeat(100), end: 'short' }, { id: 'user-2', text: '', end: '' }))
  const [head, line] = text().split('\n')
  expect(head).toBe('id      text                       end')
  expect(line).toBe(`u1      ${'x'.repeat(24)}…  short`)
  expect(line).toHaveLength(40)
})

it('a cell cannot move the cursor, change colours or fake a line', async () => {
  const { output, text } = terminal(80)
  await output.rows(each({ 'a\u001b[2J': 'b\u001b[31m\nc' }))
  expect(text()).toBe(`${String.raw`"a\u001b[2J"`}\n${String.raw`"b\u001b[31m\nc"`}\n`)
})

it('a hundred thousand rows are written as they come', async () => {
  let [made, most] = [0, 0]
  async function* many() {
    for (; made < 100_000; made++) yield { id: made, text: 'x'.repeat(100) }
  }
  const sizes: number[] = []
  const stream = new PassThrough({ highWaterMark: 1 })
  stream.on('data', part => {
    most = Math.max(most, part.length)
    sizes.push(made)
  })
  expect(await new Output(stream, new PassThrough()).rows(many())).toBe(100_000)
  expect(most).toBeLessThan(70_000)
  expect(sizes[0]).toBeLessThan(1000)
})
