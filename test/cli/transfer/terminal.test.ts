/** Transfers on a pseudo-terminal: the progress bar, a question, and Ctrl-C as a key. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canRunOnTerminal, runOnTerminal } from '../on-terminal.js'
import { workplace } from '../partita.js'
import { fill, itemsOf } from './tables.js'

describe.skipIf(!canRunOnTerminal)('on a terminal', () => {
  it('an import shows a bar, Ctrl-C stops it with 130, and --resume writes the rest', async () => {
    const cli = workplace()
    const store = cli.env.PARTITA_STORE as string
    await fill(store, [])
    const lines = Array.from({ length: 1000 }, (_, n) => `{"pk":"p","sk":${n},"text":"${'x'.repeat(900)}"}\n`)
    writeFileSync(join(cli.folder, 'many.jsonl'), lines.join(''))
    const args = ['import', 'many.jsonl', '--table', 'app', '--rate', '300']
    const { code, shown } = await runOnTerminal(cli, { when: '%', type: '\u0003' }, ...args)
    expect(code).toBe(130)
    expect(shown).toMatch(/█+░+ +\d+% {2}\d+ items read/)
    expect(shown).toMatch(
      /error: stopped; imported \d+ items; continue with: partita import .*--resume many\.jsonl\r\n$/,
    )
    expect((await cli.run('import', 'many.jsonl', '--table', 'app', '--resume')).code).toBe(0)
    expect(await itemsOf(store)).toHaveLength(1000)
  })

  it('CSV on a terminal has no escape sequences of the data', async () => {
    const cli = workplace()
    await fill(cli.env.PARTITA_STORE as string, [{ pk: 'a', sk: 1, text: '\u001b[2J' }])
    const { code, shown } = await runOnTerminal(cli, undefined, 'export', '--table', 'app', '--format', 'csv')
    expect({ code, text: shown.includes('a,1,\\u001b[2J'), raw: shown.includes('\u001b[2J') }).toEqual({
      code: 0,
      text: true,
      raw: false,
    })
  })
})
