/** What connects models, and reads and writes their rows. Every other part needs it. */
export { connectModels } from '../connect/connect.js'
export { validateInput } from '../write/validate-input.js'
