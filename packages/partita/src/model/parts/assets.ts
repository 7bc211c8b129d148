/** Uploads of assets, and their sweep. */
export { sweep } from '../assets/sweep.js'
export { upload } from '../assets/upload.js'
