/** The lock files have an integrity hash for every package on every platform, and name no registry. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

interface Entry {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

describe.each(['package-lock.json', 'test/runtimes/package-lock.json'])('%s', path => {
  const text = readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> }
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)

  it('every package has an integrity hash (if not, run node test/complete-integrity.mjs)', () => {
    expect(installed.length).toBeGreaterThan(10)
    const lacking = installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path)
    expect(lacking, 'run node test/complete-integrity.mjs').toEqual([])
  })

  it('the lock file names no registry or other host', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
    expect(text).not.toMatch(/"resolved": "(?:https?|git|ssh)/)
  })

  it('optional binaries for every platform are included', () => {
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        name => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })
})
