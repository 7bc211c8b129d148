/** Runs a bundled Worker in Cloudflare's runtime workerd. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** One Worker that can reach only this machine. The address of its socket is given at start. */
export function configuration(bindings: Readonly<Record<string, string>>): string {
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ( name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2025-09-01",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [${texts.join(', ')}, (name = "SELF", service = "main")],
    )),
    ( name = "internet", network = (allow = ["local"]) ),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);
`
}

/** A running Worker. */
export interface Running {
  readonly url: string
  stop(): Promise<void>
}

/** Starts the Worker of a folder with `worker.js` and `config.capnp`. */
export function start(folder: string): Promise<Running> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL('run-workerd.mjs', import.meta.url))
    const child = spawn(process.execPath, [program, '--port', '0', '--with-parent'], { cwd: folder, stdio: 'pipe' })
    const ended = once(child, 'exit')
    const stop = async () => {
      // It exits when its stdin is closed, also if this process is killed before this line.
      child.stdin.end()
      await ended
    }
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.stdout.once('data', chunk => resolve({ url: String(chunk).trim(), stop }))
    child.on('error', reject)
    child.on('exit', () => reject(new Error(errors.trim())))
  })
}

/** The reason why workerd cannot run here, or undefined. */
export function obstacleToWorkerd(): string | undefined {
  try {
    const { default: binary } = createRequire(import.meta.url)('workerd')
    const { error, status, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
    return status === 0 ? undefined : `Its binary does not run: ${error?.message ?? stderr.trim()}`
  } catch (error) {
    return `Its binary is not installed: ${(error as Error).message.trim()}`
  }
}
