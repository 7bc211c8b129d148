/** Programs that esbuild and Vite bundle, from the packages as npm packs them, without the AWS SDK and with it. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build as bundle, type Format } from 'esbuild'
import { build as buildWithVite } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeProject, type Project } from './project.js'

/** No top-level await, which bundles in CommonJS have not. */
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
    console.log(error.code, error.message.includes("import 'partita/dynamodb'"))
  }
  main()
`
const SAID = 'hello\nhello\nStoreUnusable true\n'

/** What programs for AWS Lambda usually begin with, as the SDK has packages in CommonJS. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

async function withEsbuild(folder: string, program: string, format: Format): Promise<string> {
  const outfile = join(folder, `out/${program.replace('.mjs', format === 'cjs' ? '.cjs' : '.mjs')}`)
  const entryPoints = [join(folder, program)]
  const banner = { js: format === 'cjs' ? '' : REQUIRE }
  await bundle({ entryPoints, outfile, bundle: true, platform: 'node', format, banner, logLevel: 'silent' })
  return outfile
}

/** Everything in one bundle, where Vite by default leaves packages out of one for a server. */
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

  it('esbuild bundles a module, which runs', async () => {
    expect(project.node([await withEsbuild(project.folder, 'notes.mjs', 'esm')])).toBe(SAID)
  })

  it('esbuild bundles for CommonJS, which runs', async () => {
    expect(project.node([await withEsbuild(project.folder, 'notes.mjs', 'cjs')])).toBe(SAID)
  })

  it('Vite bundles for a server, which runs', async () => {
    expect(project.node([await withVite(project.folder, 'notes.mjs')])).toBe(SAID)
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
  ])('%s bundles the DynamoDB store where it is imported, and a URL opens that one', async (_, build) => {
    const bundle = await build(project.folder)
    // What is bundled needs nothing beside it.
    rmSync(join(project.folder, 'node_modules'), { recursive: true })
    expect(project.node([bundle], { NODE_NO_WARNINGS: '1' })).toBe('true\n')
  })
})
