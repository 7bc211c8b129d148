import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { commandLine } from './shell.js'

it('options come before arguments, and plain words are not quoted', () => {
  expect(
    commandLine(['partita', 'items', 'list'], ['order', '/ten-1/'], { limit: 5, full: true, store: undefined }),
  ).toBe('partita items list --limit=5 --full order /ten-1/')
})

it('arguments that look like options come after --', () => {
  expect(commandLine(['partita'], ['-rf', 'x'], { 'next-token': '-t' })).toBe('partita --next-token=-t -- -rf x')
})

it('characters that a shell interprets are quoted, and control characters are printed as escapes', () => {
  expect(commandLine(['get'], ["it's", '$(id)', '', 'a b'])).toBe("get 'it'\\''s' '$(id)' '' 'a b'")
  expect(commandLine(['get'], ["\u001b[2J'\n\\"])).toBe("get $'\\033[2J\\'\\012\\\\'")
})

const bash = spawnSync('bash', ['--version']).status === 0
if (!bash) console.warn('Skipping the check of quoting against bash, which this machine does not have.')

it.skipIf(!bash)('bash reads exactly the words that the line was made from', () => {
  const unit = fc.oneof(
    fc.constantFrom("'", '"', '\\', '$', '`', '!', '\n', '\u001b', ' ', '-', '\u009b'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  )
  const word = fc.array(unit, { maxLength: 8 }).map(units => units.join('').replaceAll('\0', ''))
  const words = fc.sample(fc.array(word, { minLength: 1, maxLength: 3 }), { numRuns: 200, seed: 42 })
  const script = words.map(each => commandLine(["printf '%s\\0'"], ['start', ...each]).replace(' -- ', ' ')).join('\n')
  const printed = execFileSync('bash', ['--norc', '-c', script], { env: { LC_ALL: 'C.UTF-8' } }).toString()
  expect(printed.split('\0').slice(0, -1)).toEqual(words.flatMap(each => ['start', ...each]))
})
