/** The site builds offline, and its reference covers every entry. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

it('the site builds offline, with a reference page for every entry and without dead links', () => {
  execFileSync('npm', ['run', '--silent', 'site'], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
  const site = join(root, '.cache/site')
  expect(existsSync(join(site, 'guide/start.html'))).toBe(true)

  const { entryPoints } = JSON.parse(readFileSync(join(root, 'docs/typedoc.json'), 'utf8')) as {
    entryPoints: string[]
  }
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/partita/package.json'), 'utf8')) as {
    exports: object
  }
  const entries = Object.keys(exports).filter(entry => entry !== './package.json')
  const sources = entries.map(entry => `../packages/partita/src${entry.slice(1)}/index.ts`)
  expect([...entryPoints].sort()).toEqual(sources.sort())
  // One page for each entry, and one that lists them.
  const pages = readdirSync(join(site, 'reference'), { recursive: true, encoding: 'utf8' })
  expect(pages.filter(page => page.endsWith('.html')).length).toBeGreaterThan(entries.length)
})
