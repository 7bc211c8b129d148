/**
 * An asset store on Amazon S3, and on servers that speak its protocol. `@aws-sdk/client-s3` is a peer dependency.
 *
 * @module partita/assets-s3
 */
export { type S3AssetsOptions, s3Assets } from './s3-assets.js'
