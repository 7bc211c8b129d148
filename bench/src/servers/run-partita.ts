/** Partita's server as users start it, in memory like the others. It prints its URL to stdout and exits when stdin ends. */
const [program, file] = process.argv as [string, string]
process.argv = [program, file, 'serve', '--memory', '--port', '0', '--stop-with-stdin']
const { href } = new URL('../../../packages/cli/bin/partita.js', import.meta.url)
await import(href)
