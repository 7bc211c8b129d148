/**
 * Runs a server in the foreground: starts it, waits until it answers, says its URL on stdout in a line of its own, and
 * ends it with itself: on Ctrl-C, on SIGTERM, and with `--with-parent` when stdin ends, so that a test run that is
 * killed leaves no server behind.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'

const START_SECONDS = 180

/** Any HTTP answer will do: without a signature it is a refusal. */
const HTTP = { url: port => `http://127.0.0.1:${port}`, reach: port => fetch(HTTP.url(port)) }

/**
 * @param name what the server is called in messages
 * @param commandFor makes the command line for a port
 * @param defaultPort used without `--port`; 0 takes a free one
 * @param protocol how its URL looks, and one try to reach it, which rejects until the server answers
 */
export async function serve(name, commandFor, defaultPort, protocol = HTTP) {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, 'with-parent': { type: 'boolean' } } })
    const port = await freePort(Number(values.port ?? defaultPort))
    const [command, ...args] = commandFor(port)
    const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const output = tail(server)
    process.on('exit', () => server.kill('SIGKILL'))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(0))
    if (values['with-parent']) process.stdin.resume().on('end', () => process.exit(0))
    server.on('error', error => fail(`${name} cannot be run: ${error.message}`))
    server.on('exit', code => fail(`${name} ended with code ${code}: ${output()}`))
    const url = protocol.url(port)
    await answers(
      () => protocol.reach(port),
      () => fail(`${name} did not answer in ${START_SECONDS} s: ${output()}`),
    )
    console.log(url)
    return url
  } catch (error) {
    fail(error.message)
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

/** The last of what the server printed, for the message when it fails. */
function tail(server) {
  let text = ''
  const keep = chunk => {
    text = (text + chunk).slice(-2000)
  }
  server.stdout.on('data', keep)
  server.stderr.on('data', keep)
  return () => text.trim()
}

function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', error => reject(new Error(`Port ${wanted} cannot be used: ${error.message}`)))
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

async function answers(reach, late) {
  const end = Date.now() + START_SECONDS * 1000
  for (;;) {
    try {
      await reach()
      return
    } catch {
      if (Date.now() > end) late()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
