/** The races in 200 rounds on each engine. */
import { describeRaces } from './races.js'

const ROUNDS = Number(process.env.PARTITA_SOAK_ROUNDS ?? 200)

describeRaces(() => ROUNDS)
