/** Opens stores by their URLs, and resolves several databases. */
export { openStore } from '../../open.js'
export { resolveDatabases } from '../connect/databases.js'
