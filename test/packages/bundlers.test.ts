/** Bundles programs with esbuild and Vite, from the files that npm packs, without and with the AWS SDK. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build as bundle, type Format } from 'esbuild'
import { build as buildWithVite } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeProject, type Project } from './project.js'

/** Without top-level await, which a CommonJS bundle does not support. */
const NOTES = `
  import { connect, f, model, openStore } from 'partita'
  import { memory } from 'partita/embedded'

  const Note = model('Note', { fields: { id: f.string(), text: f.string() }, key: 'id' })

  async function main() {
    for (const store of [memory(), 'embedded:./data-' + process.pid]) {
      const db = await connect({ models: { Note }, store })
      await db.Note.create({ id: '1', text: 'hello' })
      console.log((await db.Note.get({ id: '1' })).text)
      await db.close()
    }
    const error = await openStore('dynamodb://eu-west-1').catch(error => error)
    console.log(error.code, error.message.includes("import 'partita/dynamodb'") && !error.message.includes('@aws-sdk'))
  }
  main()
`
const PRINTED = 'hello\nhello\nStoreUnusable true\n'

/** The usual first line of a bundle for AWS Lambda, because the SDK contains CommonJS packages. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

async function withEsbuild(folder: string, program: string, format: Format): Promise<string> {
  const outfile = join(folder, `out/${program.replace('.mjs', format === 'cjs' ? '.cjs' : '.mjs')}`)
  const entryPoints = [join(folder, program)]
  const banner = { js: format === 'cjs' ? '' : REQUIRE }
  await bundle({ entryPoints, outfile, bundle: true, platform: 'node', format, banner, logLevel: 'silent' })
  return outfile
}

/** Bundles every package. By default, Vite leaves packages out of a bundle for a server. */
async function withVite(folder: string, program: string): Promise<string> {
  await buildWithVite({
    root: folder,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: join(folder, program), outDir: 'out/vite', emptyOutDir: false },
  })
  return join(folder, `out/vite/${program.replace('.mjs', '.js')}`)
}

describe('without the AWS SDK', () => {
  let project: Project
  beforeAll(() => {
    project = makeProject()
    project.write('notes.mjs', NOTES)
  })
  afterAll(() => project.remove())

  it('esbuild bundles a program as an ES module that runs', async () => {
    expect(project.node([await withEsbuild(project.folder, 'notes.mjs', 'esm')])).toBe(PRINTED)
  })

  it('esbuild bundles a program as CommonJS that runs', async () => {
    expect(project.node([await withEsbuild(project.folder, 'notes.mjs', 'cjs')])).toBe(PRINTED)
  })

  it('Vite bundles a program for a server that runs', async () => {
    expect(project.node([await withVite(project.folder, 'notes.mjs')])).toBe(PRINTED)
  })
})

describe('with the AWS SDK', () => {
  let project: Project
  beforeEach(() => {
    project = makeProject(['@aws-sdk/client-dynamodb'])
    project.write(
      'stores.mjs',
      `import { openStore } from 'partita'
       import { dynamodb } from 'partita/dynamodb'
       const stores = [dynamodb({ region: 'eu-west-1' }), openStore('dynamodb://eu-west-1')]
       Promise.all(stores).then(stores => console.log(stores[0].constructor === stores[1].constructor))`,
    )
  })
  afterEach(() => project.remove())

  it.each([
    ['esbuild', (folder: string) => withEsbuild(folder, 'stores.mjs', 'esm')],
    ['Vite', (folder: string) => withVite(folder, 'stores.mjs')],
  ])(
    '%s bundles the DynamoDB store if it is imported, and a dynamodb URL opens the bundled store',
    async (_, build) => {
      const bundle = await build(project.folder)
      // The bundle needs no package at runtime.
      rmSync(join(project.folder, 'node_modules'), { recursive: true })
      expect(project.node([bundle], { NODE_NO_WARNINGS: '1' })).toBe('true\n')
    },
  )
})
