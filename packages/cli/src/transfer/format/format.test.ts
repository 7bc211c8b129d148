import { decimal, type Item } from 'partita'
import { describe, expect, it } from 'vitest'
import { ColumnSet } from './csv-columns.js'
import { readCsvEntries } from './csv-read.js'
import { printHeader, printRecords } from './csv-write.js'
import type { Change, Entry } from './entry.js'
import { formatOfName, formatOfText } from './file-format.js'
import { readDocumentEntries } from './json-document-entries.js'
import { type LineFormat, printLine, readLineEntries } from './json-lines-format.js'

/** Every type, and what careless writers of each format break. */
const ITEMS: readonly Item[] = [
  { pk: 'a', n: 1, exact: decimal('0.12345678901234567890123456789012345678'), whole: 12345678901234567890123456789n },
  {
    pk: 'b',
    bytes: new Uint8Array([0, 255]),
    none: null,
    yes: true,
    no: false,
    empty: '',
    list: [1, ['x'], { a: null }],
  },
  {
    pk: 'c',
    map: { $set: ['x'] },
    $number: 'y',
    strings: new Set(['b', 'a,"']),
    numbers: new Set([2, 10, decimal('1e-100')]),
  },
  {
    pk: 'd',
    binaries: new Set([new Uint8Array([1]), new Uint8Array([])]),
    text: 'quote " comma , line\r\nbreak\rnul \u0000 \ufeff',
  },
  JSON.parse('{"pk":"e","__proto__":{"__proto__":1},"constructor":"x"," ":" s ","a:S":"x","n":"text"}'),
  { pk: '\ufeffbom', '\ufeffname': '=1+1', S: { S: 'x' }, Item: { S: 'x' } },
]

async function* streamOf(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

async function changesOf(entries: AsyncIterable<Entry>): Promise<Change[]> {
  const changes: Change[] = []
  for await (const entry of entries) changes.push(entry.read())
  return changes
}

const fromStart = { line: 1, offset: 0 }

function csvOf(items: readonly Item[]): string {
  const set = new ColumnSet(['pk'])
  for (const item of items) set.add(item)
  return printHeader(set.columns, ',') + printRecords(items, set.columns, ',')
}

/** What an entry reports, or its change. */
async function outcomes(entries: AsyncIterable<Entry>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const entry of entries) {
    try {
      found.push(entry.read())
    } catch (error) {
      found.push(`${entry.line}: ${(error as Error).message}`)
    }
  }
  return found
}

describe('the formats of files', () => {
  const puts = ITEMS.map(item => ({ kind: 'put', item }))

  it.each<LineFormat>(['jsonl', 'dynamodb-json'])(
    '%s keeps every value, and prints equal items equally',
    async format => {
      const text = ITEMS.map(item => printLine(item, format)).join('')
      const read = await changesOf(readLineEntries(streamOf(text), format, fromStart))
      expect(read).toEqual(puts)
      expect(read.map(change => (change.kind === 'put' ? printLine(change.item, format) : '')).join('')).toBe(text)
    },
  )

  it('CSV keeps every value, also when the bytes arrive one by one', async () => {
    const text = csvOf(ITEMS)
    expect(await changesOf(readCsvEntries(streamOf(text)))).toEqual(puts)
    const bytes = [...Buffer.from(text)].map(byte => new Uint8Array([byte]))
    const read = await changesOf(readCsvEntries(streamOf(...bytes)))
    expect(read).toEqual(puts)
    expect(csvOf(read.flatMap(change => (change.kind === 'put' ? [change.item] : [])))).toBe(text)
  })

  it('DynamoDB JSON is read with and without Item around it, and incremental exports hold puts and deletes', async () => {
    const lines = [
      '{"pk":{"S":"a"}}',
      '{"Item":{"pk":{"S":"b"}}}',
      '{"Item":{"M":{"x":{"S":"y"}}}}',
      '{"Item":{"M":{"S":"y"}}}',
      '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"pk":{"S":"c"}},"NewImage":{"pk":{"S":"c"},"n":{"N":"1"}}}',
      '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"pk":{"S":"d"}},"OldImage":{"pk":{"S":"d"}}}',
    ]
    expect(await changesOf(readLineEntries(streamOf(lines.join('\r\n')), 'dynamodb-json', fromStart))).toEqual([
      { kind: 'put', item: { pk: 'a' } },
      { kind: 'put', item: { pk: 'b' } },
      { kind: 'put', item: { Item: { x: 'y' } } },
      { kind: 'put', item: { M: 'y' } },
      { kind: 'put', item: { pk: 'c', n: 1 } },
      { kind: 'delete', key: { pk: 'd' } },
    ])
  })
})

describe('a line that is no item', () => {
  it.each([
    ['{"a":1,"a":2}', 'one object of this JSON has two members "a"; remove one of them'],
    ['{"a":{"b":1,"\\u0062":2}}', 'one object of this JSON has two members "b"; remove one of them'],
    ['{"a":1', /^this is not JSON/],
    ['[1]', 'an item is a JSON object'],
    [`{"a":${'1'.repeat(39)}}`, /39 significant digits/],
    ['{"a":{"$bytes":"*"}}', /base64/],
  ])('JSON Lines refuses %s', async (line, message) => {
    const [, found, next] = await outcomes(
      readLineEntries(streamOf(`{"pk":"x"}\n${line}\n{"pk":"y"}`), 'jsonl', fromStart),
    )
    expect(String(found).replace('2: ', '')).toMatch(message)
    expect(next).toEqual({ kind: 'put', item: { pk: 'y' } })
  })

  it.each([
    ['{"a":{"S":1}}', 'attribute "a" is not a valid S'],
    ['{"a":{"N":"one"}}', /attribute "a" "one" is not a number/],
    ['{"a":{"L":[{"S":"x","N":"1"}]}}', 'attribute "a[0]" is not a value with one type, such as {"S": "text"}'],
    ['{"a":{"X":1}}', 'attribute "a" has the type "X"; types are S, N, B, BOOL, NULL, L, M, SS, NS and BS'],
    ['{"a":{"SS":["x","x"]}}', 'attribute "a" has a member twice'],
    ['{"a":{"SS":[]}}', 'attribute "a" is not a valid SS'],
    ['{"a":{"NULL":false}}', 'attribute "a" is not a valid NULL'],
    [`{"a":${'{"L":['.repeat(500)}${']}'.repeat(500)}}`, /is nested over 32 levels deep/],
  ])('DynamoDB JSON refuses %s', async (line, message) => {
    const [found] = await outcomes(readLineEntries(streamOf(line), 'dynamodb-json', fromStart))
    expect(String(found).replace('1: ', '')).toMatch(message)
  })

  it('lines that are not UTF-8 or over 4 MB long are reported, and the lines after them are read', async () => {
    const long = Buffer.alloc(1024 * 1024, 'x')
    const parts = ['{"a":1}\n', new Uint8Array([0x7b, 0xff, 0x7d, 0x0a]), long, long, long, long, long, '\n{"a":2}\n']
    expect(await outcomes(readLineEntries(streamOf(...parts), 'jsonl', fromStart))).toEqual([
      { kind: 'put', item: { a: 1 } },
      '2: line 2 is not UTF-8 text; convert the file to UTF-8',
      '3: line 3 is over 4194304 bytes (4 MB) long; no item has that much JSON',
      { kind: 'put', item: { a: 2 } },
    ])
  })
})

describe('JSON that is not one object a line', () => {
  it.each([
    ['objects over several lines', '{\n "a": 1\n}\n\n{\n "a": {\n "b": ["}", 2]\n }\n}', [1, 5]],
    ['a list', '[{"a":1},\n{"a":{"b":["}",2]}}]\n', [1, 2]],
    [
      'answers of scans',
      '{"Items": [{"a":1}\n], "Count": 1}\n{"Items":[{"a":{"b":["}",2]}}],"LastKey":{"a":[{}]}}',
      [1, 3],
    ],
    ['an object with other members first', '{"a":\n1}{"a":{"b":["}",2]}}', [1, 2]],
  ])('%s are read with their lines, however the bytes arrive', async (_, text, lines) => {
    for (const parts of [[text], [...text]]) {
      const entries: Entry[] = []
      for await (const entry of readDocumentEntries(streamOf(...parts), 'jsonl')) entries.push(entry)
      expect(entries.map(entry => entry.read())).toEqual([
        { kind: 'put', item: { a: 1 } },
        { kind: 'put', item: { a: { b: ['}', 2] } } },
      ])
      expect(entries.map(({ line }) => line)).toEqual(lines)
    }
  })

  it.each([
    ['{"a":\n1} x', 2],
    ['[1]', 1],
    ['[[{}]]', 1],
    ['[{"a":\n1}', 2],
    ['{"a":\n"x', 2],
    ['{"Items":[{}],\n"x', 2],
  ])('%s is refused with its line', async (text, line) => {
    await expect(outcomes(readDocumentEntries(streamOf(text), 'jsonl'))).rejects.toThrow(`line ${line} `)
  })
})

describe('CSV of other programs', () => {
  it('a BOM, CRLF, empty lines and quoted line breaks are read; lines are counted', async () => {
    const text = '\ufeff"pk",n:N,flag:BOOL\r\n\r\na,1,TRUE\r\n"b\r\nb",,\r\nc,x,\r\nd,1\r\n'
    const options = { typeOfName: (name: string) => (name === 'pk' ? 'S' : undefined) } as const
    expect(await outcomes(readCsvEntries(streamOf(text), options))).toEqual([
      { kind: 'put', item: { pk: 'a', n: 1, flag: true } },
      { kind: 'put', item: { pk: 'b\r\nb' } },
      '6: attribute "n" "x" is not a number',
      '7: it has 2 cells, but the header has 3',
    ])
  })

  it('the position of each record allows to continue after it', async () => {
    const entries: Entry[] = []
    const text = 'pk,x\n"a\n\n",1\n\nb,2\nc,3'
    for await (const entry of readCsvEntries(streamOf(text))) entries.push(entry)
    expect(entries.map(({ line, nextLine, text: own }) => [line, nextLine, own])).toEqual([
      [2, 5, '"a\n\n",1'],
      [6, 7, 'b,2'],
      [7, 8, 'c,3'],
    ])
    expect(entries.at(-1)?.end).toBe(Buffer.byteLength(text))
  })

  it('another delimiter can be used', async () => {
    expect(await changesOf(readCsvEntries(streamOf('pk;n:N\n"a;b";1\n'), { delimiter: ';' }))).toEqual([
      { kind: 'put', item: { pk: 'a;b', n: 1 } },
    ])
  })

  it.each<[string, string | Uint8Array, RegExp]>([
    ['a quote that is not closed', 'pk\n"a\nb\n', /line 2 is inside a quoted cell at the end of the file|line 3/],
    ['text after a closing quote', 'pk\n"a"b\n', /line 2 has text after a closing quote/],
    ['a quote inside a cell', 'pk\na"b\n', /line 2 has a quote inside a cell/],
    ['bytes that are not UTF-8', new Uint8Array([0x61, 0x0a, 0xff, 0x0a]), /is not UTF-8 text/],
    ['a cut character at the end', new Uint8Array([0x61, 0x0a, 0xc3]), /is not UTF-8 text/],
    ['two equal columns', 'a:S,a:S\nx,y\n', /line 1 has the column "a:S" twice/],
    ['a column without a name', 'a,,b\n1,2,3\n', /line 1 names no attribute for column 2/],
    ['a cell of 5 MB', `a\n"${'x'.repeat(5 * 1024 * 1024)}"\n`, /line 2 is over 4194304 bytes/],
  ])('%s is refused with its line', async (_, text, message) => {
    await expect(changesOf(readCsvEntries(streamOf(text)))).rejects.toThrow(message)
  })

  it('two columns of one name hold values of different types, of which a record has one', async () => {
    expect(await outcomes(readCsvEntries(streamOf('a:S,a:N\nx,\n,1\ny,2\n')))).toEqual([
      { kind: 'put', item: { a: 'x' } },
      { kind: 'put', item: { a: 1 } },
      '4: two columns have a value for the attribute "a"',
    ])
  })
})

describe('the format of a file', () => {
  it('the name of a file says its format', () => {
    expect(['a.jsonl', 'a.NDJSON.gz', 'b.csv', 'x.json', 'x.gz'].map(formatOfName)).toEqual([
      'jsonl',
      'jsonl',
      'csv',
      undefined,
      undefined,
    ])
  })

  it.each([
    ['{"pk":"a"}', 'jsonl'],
    ['{"pk":{"S":"a"}}', 'dynamodb-json'],
    ['{"Item":{"pk":{"S":"a"}}}', 'dynamodb-json'],
    ['{"pk":{"$bytes":"AA=="}}', 'jsonl'],
    ['\ufeffpk:S,n:N\n', 'csv'],
    ['', 'jsonl'],
  ])('a file that begins with %s is read as %s', (head, format) => {
    expect(formatOfText(head, 'x')).toBe(format)
  })

  it('a file of an unknown format is refused', () => {
    expect(() => formatOfText('hello, world\n', 'x.txt')).toThrow(/the format of x.txt is not clear; use --format/)
  })
})
