/**
 * Files of models that were changed at random either make code that compiles, or are refused with the position of each
 * mistake. PARTITA_FUZZ_RUNS sets the number of files, PARTITA_TEST_SEED changes them.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { generateCode } from '../../packages/cli/src/codegen/generate.js'
import { evaluateModels } from '../../packages/cli/src/yaml/evaluate.js'
import { BadModels } from '../../packages/cli/src/yaml/problem.js'
import { modelsOf } from '../../packages/cli/src/yaml/read/read-models.js'
import { compileErrors, project } from './project.js'
import { SAMPLES } from './samples.js'

const RUNS = Number(process.env.PARTITA_FUZZ_RUNS ?? 50)

const HOSTILE = [
  "'; process.exit(1) //",
  '*/ throw new Error() /*',
  '`$\u007bprocess.exit(1)}`',
  '"\n\r\t\\',
  '\u2028\u2029\u0000\u001b[31m\u202e',
  '\ud800',
  '</script>',
  '__proto__',
  'constructor',
  'toString',
  'class',
  'await',
  '{id}',
  '{',
  '#',
  'T#x',
  '%',
  '',
  ' ',
  '0',
  '1e999',
  'Ω'.repeat(300),
  'x'.repeat(3000),
]

const SCALARS = [
  ...HOSTILE,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  'User',
  'Post',
  'Everything',
  'userId',
  'id',
  'gsi1',
  'modelPrefix',
  'primaryKey',
  'string',
  'integer',
  'ref',
  'map',
  'StringField',
  'EmailField',
  'UlidField',
  'TtlField',
  'http',
  '2026-01-01',
  '*a',
  '[1',
]

/** A change of a document: at a path, chosen by numbers, a value is replaced, removed, renamed, or copied to elsewhere. */
const change = fc.record({
  path: fc.array(fc.nat(1000), { minLength: 4, maxLength: 9 }),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'copy'),
  value: fc.oneof(
    fc.constantFrom<unknown>(...SCALARS),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.double(),
    fc.integer(),
  ),
  other: fc.array(fc.nat(1000), { minLength: 1, maxLength: 9 }),
})

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never
type Container = Record<string, unknown>

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** The container and the name in it that a path of numbers leads to. It ends early at a scalar, or by chance. */
function follow(document: Container, path: readonly number[]): readonly [Container, string] {
  let at = document
  let name = ''
  for (const [i, step] of path.entries()) {
    const names = Object.keys(at)
    name = names[step % Math.max(1, names.length)] ?? ''
    const inner = at[name]
    if (i === path.length - 1 || !isContainer(inner) || Object.keys(inner).length === 0) break
    at = inner
  }
  return [at, name]
}

function changed(text: string, changes: readonly Change[]): string {
  const document = parse(text) as Container
  for (const { path, kind, value, other } of changes) {
    const [at, name] = follow(document, path)
    if (kind === 'replace') at[name] = value
    else if (kind === 'remove') delete at[name]
    else if (kind === 'rename' && !Array.isArray(at)) {
      Object.defineProperty(at, String(value), {
        value: at[name],
        enumerable: true,
        configurable: true,
        writable: true,
      })
      delete at[name]
    } else {
      const [from, member] = follow(document, other)
      at[name] = structuredClone(from[member])
    }
  }
  return stringify(document, { aliasDuplicateObjects: false })
}

/** A change of the text itself: a part is cut out, doubled, or replaced. */
const cut = fc.record({
  start: fc.nat(5000),
  length: fc.nat(40),
  insert: fc.oneof(
    fc.constantFrom(
      ...HOSTILE,
      '&a ',
      '*a',
      '<<: *a',
      '- ',
      '? ',
      '|',
      '>',
      '---\n',
      '!!js ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '# ',
    ),
    fc.string({ maxLength: 5 }),
  ),
})

const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }))
const json = fc.jsonValue({ maxDepth: 3 })
const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())

/** Files in which everything that may be any text is hostile text, and which are valid otherwise. */
const free = fc
  .record({
    comment: hostile,
    text: hostile,
    values: fc.uniqueArray(hostile, { minLength: 1, maxLength: 5 }),
    attribute: hostile,
    pattern: fc.oneof(
      hostile,
      fc.constantFrom('[a-z]', '(?<x>a)\\k<x>', '\\/\\-\\@', '[/]', '\\p{L}', '^$', '(', '\n'),
    ),
    json,
    record: fc.dictionary(hostile, fc.integer()),
    number: numbers,
    big: fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
    literal: fc.constantFrom('x', 'a"b', "it's", 'A#B', '$\u007bx}', '\\', '\u2028', '*/', '//'),
  })
  .map(({ comment, text, values, attribute, pattern, json, record, number, big, literal }) =>
    stringify({
      models: {
        Free: {
          description: comment,
          fields: {
            id: { type: 'string', description: comment },
            text: { type: 'string', default: text },
            state: { type: 'enum', values, default: values[0] },
            stored: { type: 'string', attribute: attribute === '' ? 'x' : attribute, optional: true },
            pattern: { type: 'string', pattern, optional: true },
            json: { type: 'json', default: json },
            record: { type: 'record', of: 'integer', default: record },
            list: { type: 'list', of: 'json', default: [json] },
            number: { type: 'number', default: number },
            big: { type: 'bigint', default: String(big) },
            decimal: { type: 'decimal', default: String(big), min: String(-(10n ** 37n)) },
          },
          key: { pk: `${literal}#{id}`, sk: literal },
          indexes: { class: { on: 'gsi1', pk: `${literal}#{state}`, sk: '{number}' } },
          softDelete: true,
        },
      },
    }),
  )

const samples = ['QUICK_START', 'MUTUAL', 'EVERYTHING', 'NAMES'].map(name => SAMPLES[name] as string)

const texts = fc.oneof(
  { weight: 2, arbitrary: free },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 2 }))
      .map(([text, changes]) => changed(text, changes)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...samples), fc.array(cut, { minLength: 1, maxLength: 3 }))
      .map(([text, cuts]) =>
        cuts.reduce((it, { start, length, insert }) => {
          const at = start % it.length
          return it.slice(0, at) + insert + it.slice(at + length)
        }, text),
      ),
  },
)

it(
  'random changes of files of models never make code that does not compile, and never fail otherwise',
  async () => {
    const made = project()
    const accepted = new Map<string, string>()
    let refused = 0
    for (const [i, text] of fc.sample(texts, { numRuns: RUNS }).entries()) {
      try {
        const set = modelsOf([{ path: 'models.yaml', text }])
        await evaluateModels(set)
        const out = made.path(String(i))
        const options = {
          language: 'ts',
          moduleSystem: 'esm',
          activeRecord: false,
          out,
          source: made.path('models.yaml'),
          customFields: new Map(),
        } as const
        for (const [name, code] of await generateCode(set, options)) made.write(`${i}/${name}`, code)
        accepted.set(made.path(`${i}/db.ts`), text)
      } catch (error) {
        if (!(error instanceof BadModels))
          throw new Error(`not refused as a mistake of the file:\n${text}`, { cause: error })
        expect(error.frames.length).toBeGreaterThan(0)
        refused++
      }
    }
    const errors = compileErrors([...accepted.keys()])
    const wrong = [...accepted].find(([path]) => errors[0]?.startsWith(path.slice(0, -'db.ts'.length)))
    expect(errors.slice(0, 3), wrong?.[1]).toEqual([])
    expect(refused).toBeGreaterThan(RUNS / 10)
    // Most changes are mistakes; the seed decides how many are not, about a tenth.
    expect(accepted.size).toBeGreaterThan(RUNS / 50)
  },
  120_000 + RUNS * 2000,
)
