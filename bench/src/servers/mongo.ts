/** The MongoDB server that both sides of the group `mongodb` use. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { programFolder } from '../folder.js'
import { startServer } from './start.js'

export interface BenchMongo {
  readonly name: string
  readonly url: string
  stop(): void
}

/** The URL in `MONGODB_URI`, or else the server of the suites: in memory, and in a process of its own. */
export async function startMongo(): Promise<BenchMongo> {
  const given = process.env.MONGODB_URI
  if (given) return { name: 'the server of MONGODB_URI', url: given, stop: () => undefined }
  const { url, stop } = await startServer({
    name: 'MongoDB in memory',
    program: new URL(`file://${await bundled()}`),
    transactions: true,
  })
  return { name: "the suites' server in memory", url, stop }
}

/** Bundles the server, which is written in TypeScript, into a program. It prints its URL and exits when stdin ends. */
async function bundled(): Promise<string> {
  const outfile = `${programFolder('mongo')}server.mjs`
  await build({
    stdin: {
      contents: `
        import { startMemoryMongo } from './server.ts'
        console.log((await startMemoryMongo()).url)
        process.stdin.resume().on('end', () => process.exit(0))`,
      resolveDir: fileURLToPath(new URL('../../../test/servers/mongo/memory', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
  })
  return outfile
}
