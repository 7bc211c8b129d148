// A process that is killed: it deletes a folder, or a tag, with everything that refers to it, or creates files in the folder
// meanwhile. It says when it begins and how far it is, and exits when the folder is gone.
import { connect, f, model, PartitaError } from 'partita'
import { embedded } from 'partita/embedded'

const Folder = model('Folder', {
  fields: {
    id: f.string(),
    parentId: f.ref('Folder', { onDelete: 'cascade' }).optional(),
    folders: f.countOf('Folder.parentId'),
    files: f.countOf('File.folderId'),
  },
  key: 'id',
  indexes: { byParent: { on: 'gsi1', pk: 'PARENT#{parentId}', sk: '{id}' } },
})
const File = model('File', {
  fields: {
    id: f.string(),
    folderId: f.ref('Folder', { onDelete: 'cascade' }),
    tagId: f.ref('Tag', { onDelete: 'setNull' }).optional(),
    name: f.string(),
  },
  key: 'id',
  unique: { name: ['name'] },
  indexes: { byFolder: { on: 'gsi1', pk: 'FOLDER#{folderId}' }, byTag: { on: 'gsi2', pk: 'TAG#{tagId}', sk: '{id}' } },
})
const Tag = model('Tag', { fields: { id: f.string(), files: f.countOf('File.tagId') }, key: 'id' })

const models = { Folder, File, Tag }
const [path, role, id] = process.argv.slice(2)
const db = await connect({ models, store: embedded({ path }) })
process.stdout.write('begun\n')

async function fill() {
  for (let i = 0; await db.Folder.get({ id }, { consistent: true }); i++) {
    const name = `${id} late ${process.pid} ${i}`
    try {
      await db.File.create({ id: name, folderId: id, name })
    } catch (error) {
      // The folder's delete has begun, or the two writers met too often.
      if (!PartitaError.is(error, 'RuleViolated') && !PartitaError.is(error, 'Conflict')) throw error
    }
    await new Promise(resolve => setTimeout(resolve, 3))
  }
}

if (role === 'fill') await fill()
else await db[role].delete({ id }, { onProgress: ({ done }) => void process.stdout.write(`${done}\n`) })
await db.close()
