/** Parses the option that injects faults: `throttle=0.5,seed=7`. */
import { InvalidArgumentError } from 'commander'
import type { Faults } from 'partita/embedded'

const CHANCES: ReadonlySet<string> = new Set(['throttle', 'conflict', 'unprocessed'])
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['indexDelay', 'seed'])
const HELP =
  'Give throttle, conflict, unprocessed (chances from 0 to 1), indexDelay (milliseconds) or seed (a whole number), such as throttle=0.1,seed=7.'

/** @throws InvalidArgumentError */
export function readFaults(text: string): Faults {
  const faults: Record<string, number> = {}
  for (const part of text.split(',')) {
    const [, name = '', digits = ''] = /^\s*(\w+)=(\d+(?:\.\d+)?|\.\d+)\s*$/.exec(part) ?? []
    const value = Number(digits)
    const isFit = CHANCES.has(name) ? value <= 1 : WHOLE_NUMBERS.has(name) && Number.isSafeInteger(value)
    if (!isFit || digits === '') throw new InvalidArgumentError(HELP)
    if (Object.hasOwn(faults, name)) throw new InvalidArgumentError(`${name} is given twice.`)
    faults[name] = value
  }
  return faults
}
