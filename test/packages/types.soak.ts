/** The declarations under all versions of TypeScript and settings that `types.test.ts` leaves out. */
import { testCompilers } from './compilers.js'

testCompilers([
  ['5.4', 'node16'],
  ['5.9', 'node16'],
  ['6.0', 'bundler'],
  ['7.0', 'newer'],
  ['7.0', 'loose'],
])
