/** Text that users and rows contribute: values, names, and what a terminal shows of them. Embedded engine. */
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { run } from '../../packages/cli/src/program.js'
import { Output } from '../../packages/cli/src/terminal/output.js'
import { connect, openStore } from '../../packages/partita/src/index.js'
import { Draft, Post, Reply, User } from './data-models.js'
import { call, callWith, failure, folder } from './in-process.js'

const MODELS = new URL('data-models.ts', import.meta.url).pathname

/** The arguments that name the models and a store with an empty table. */
async function emptyStore(): Promise<string[]> {
  const store = `embedded:${folder()('store')}`
  await using _ = await connect({ models: { User, Post, Draft, Reply }, store })
  return ['--store', store, '--models', MODELS]
}

/** Runs a command on a terminal of 80 columns. @returns what it writes to stdout and to stderr. */
async function onTerminal(...args: string[]): Promise<{ shown: string; messages: string }> {
  const [data, screen] = [0, 0].map(() => Object.assign(new PassThrough(), { isTTY: true, columns: 80 }))
  let [shown, messages] = ['', '']
  data?.on('data', text => {
    shown += text
  })
  screen?.on('data', text => {
    messages += text
  })
  const output = new Output(data as PassThrough, screen as PassThrough)
  const code = await run(args, { input: new PassThrough().end(), screen: screen as PassThrough, output })
  if (code !== 0) throw new Error(`the command failed: ${messages}`)
  return { shown, messages }
}

/** Text that a store can hold and a process can take as an argument. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter(it => !/[\0\p{Surrogate}]/u.test(it))

describe('text', () => {
  it('every text is stored as it is given, and found by it', async () => {
    const options = await emptyStore()
    let n = 0
    await fc.assert(
      fc.asyncProperty(text, async name => {
        const id = `userId=u${n++}`
        const { stdout } = await call('put', 'User', id, `name=${name}`, `email=u${n}@example.com`, ...options)
        expect(JSON.parse(stdout).name).toBe(name)
        expect(JSON.parse((await call('get', 'User', id, '--json', ...options)).stdout).data.name).toBe(name)
        const found = await call('list', 'User', '--where', `name=${name}`, '--select', 'name', '--jsonl', ...options)
        expect(
          new Set(
            found.stdout
              .trim()
              .split('\n')
              .map(line => JSON.parse(line).name),
          ),
        ).toEqual(new Set([name]))
      }),
      { numRuns: 25 },
    )
  })

  it('an attribute of a plain table can have every name', async () => {
    const [flag, store] = await emptyStore()
    const options = [flag as string, store as string]
    await fc.assert(
      fc.asyncProperty(text, text, async (name, value) => {
        fc.pre(name !== 'pk' && name !== 'sk')
        const { stdout } = await call('put', 'pk=a', 'sk=b', `${JSON.stringify(name)}=${value}`, ...options)
        expect(Object.entries(JSON.parse(stdout))).toContainEqual([name, value])
        const where = `${JSON.stringify(name)}:=${JSON.stringify(value)}`
        const { stdout: count, stderr } = await call('count', 'pk=a', '--where', where, ...options)
        if (name === '__proto__') expect(stderr).toContain('a filter cannot use __proto__')
        else expect(count).toBe('1\n')
      }),
      { numRuns: 25, examples: [['__proto__', 'a']] },
    )
  })
})

describe('rows on a terminal', () => {
  it('rows are aligned columns, and nothing in them reaches the terminal as a control character', async () => {
    const options = await emptyStore()
    await call('put', 'User', 'userId=1', 'name=Ada', 'email=ada@example.com', ...options)
    await call('put', 'User', 'userId=22', 'name=\u001b[31mEve\u0007\n', 'email=eve@example.com', ...options)
    const { shown } = await onTerminal('list', 'User', '--select', 'userId', '--select', 'name', ...options)
    const [header, ...rows] = shown.trimEnd().split('\n')
    expect(header).toBe('userId  name')
    expect(rows.sort()).toEqual(['1       Ada', '22      "\\u001b[31mEve\\u0007\\n"'])
    const { shown: row } = await onTerminal('get', 'User', 'userId=22', ...options)
    expect(row).toContain('\\u001b[31mEve')
    expect(row).not.toContain('\u001b')
  })

  it('a delete shows its progress, if it deletes many rows that refer to the row', async () => {
    const options = await emptyStore()
    await using db = await connect({ models: { User, Post, Draft, Reply }, store: options[1] as string })
    await db.Post.create({ postId: 'p', authorId: 'u', title: 'T', createdAt: new Date(0) })
    for (let n = 0; n < 60; n++) await db.Reply.create({ replyId: `r${n}`, postId: 'p' })
    const { shown, messages } = await onTerminal('delete', 'Post', 'postId=p', '--jsonl', ...options)
    expect(JSON.parse(shown)).toMatchObject({ postId: 'p' })
    expect(messages).toMatch(/█.* items deleted or changed/)
    expect(messages.endsWith('\u001b[Kdeleted one row of Post\n')).toBe(true)
    expect((await call('count', 'Reply', ...options)).stdout).toBe('0\n')
  })

  it('an error shows the arguments without control characters', async () => {
    const { stderr } = await call('get', 'User', 'userId=\u001b[2J', ...(await emptyStore()))
    expect(stderr).toContain('userId=\\u001b[2J')
    expect(stderr).not.toContain('\u001b')
  })
})

describe('rows that do not fit their model', () => {
  it('a list reports them and prints the others, and get fails', async () => {
    const options = await emptyStore()
    for (const id of ['a', 'b']) {
      await call('put', 'Post', `postId=${id}`, 'authorId=u', `title=${id}`, 'createdAt=2026-01-31', ...options)
    }
    expect((await call('update', 'pk=Post#a', 'sk=Post', 'title:=5', ...options.slice(0, 2))).code).toBe(0)
    for (const args of [
      ['list', 'Post'],
      ['query', 'Post.byAuthor', 'authorId=u', '--all'],
    ]) {
      const { code, stdout, stderr } = await call(...args, ...options)
      expect([code, JSON.parse(stdout).postId]).toEqual([0, 'b'])
      expect(stderr).toContain('left out: ')
    }
    expect((await failure('get', 'Post', 'postId=a', ...options)).code).toBe('Unreadable')
  })
})

describe('input', () => {
  it.each([
    ['', 'is not JSON'],
    ['[1]', 'is no row'],
    ['{"userId":"a","name":"A","email":"a@example.com","__proto__":{"role":"admin"}}', '__proto__'],
    [`{"userId":"a","extra":${'['.repeat(50)}${']'.repeat(50)}}`, 'nested over 32 levels'],
    [Buffer.from([0x7b, 0xff]), 'is not UTF-8 text'],
    ['{"userId":"a"} {"userId":"b"}', 'is not JSON'],
  ])('the JSON %j is refused, and nothing is written', async (input, message) => {
    const options = await emptyStore()
    const { code, stderr } = await callWith(input, 'put', 'User', '--stdin', ...options)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect((await call('count', 'User', ...options)).stdout).toBe('0\n')
  })

  it('a row is given in one way', async () => {
    const options = await emptyStore()
    const both = await callWith('{}', 'put', 'User', 'userId=a', '--stdin', ...options)
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('or the row with --file or --stdin') })
    expect((await call('put', 'User', '--stdin', '--file', 'x.json', ...options)).code).toBe(2)
    expect((await call('put', 'User', 'userId=a', '--create', '--if', 'name=x', ...options)).code).toBe(2)
  })

  it.each(['', '!', '[1]', 'nothing=5', 'name[0]=x', '{"$where":"1"}', '{', '$or=1', 'name.x=1'])(
    'the condition %j is refused, and never treated as no condition',
    async condition => {
      const options = await emptyStore()
      await call('put', 'User', 'userId=a', 'name=A', 'email=a@example.com', ...options)
      expect((await call('list', 'User', '--where', condition, ...options)).code).not.toBe(0)
      expect((await call('update', 'User', 'userId=a', 'name=B', '--if', condition, ...options)).code).not.toBe(0)
    },
  )
})

it('list and delete refuse what they cannot do, instead of ignoring it', async () => {
  const options = await emptyStore()
  for (const flags of [['--with', 'posts'], ['--consistent'], ['--select', 'nam'], ['--index', 'gsi1']]) {
    const { code, stderr } = await call('list', 'User', ...flags, ...options)
    expect([flags, code]).toEqual([flags, 2])
    expect(stderr).toContain('error: ')
  }
  for (const flag of ['--purge', '--dry-run']) {
    expect((await call('delete', 'Draft', 'draftId=a', '--if', 'text=x', flag, '--yes', ...options)).code).toBe(2)
  }
  const plain = options.slice(0, 2)
  for (const flags of [['--with', 'posts'], ['--with-deleted'], ['--index', 'nothing']]) {
    expect([flags, (await call('list', ...flags, ...plain)).code]).toEqual([flags, 2])
  }
})

it('the tenant of the settings is reported not to limit the items of a table', async () => {
  const [flag, url] = (await emptyStore()) as [string, string]
  vi.stubEnv('PARTITA_TENANT', 'acme')
  const { code, stderr } = await call('list', flag, url)
  vi.unstubAllEnvs()
  expect(code).toBe(0)
  expect(stderr).toContain('tenant acme limits only models')
})

it('a table or store that does not exist is refused, and neither is created', async () => {
  const [flag, url] = await emptyStore()
  const missing = await failure('put', 'pk=a', 'sk=b', '--table', 'mistyped', flag as string, url as string)
  expect(missing.code).toBe('TableNotFound')
  const store = await openStore(url)
  expect(await store.listTables()).toEqual(['partita'])
  await store.close()
  expect((await call('list', '--store', `${url}-mistyped`)).stderr).toContain('there is no store at')
})
