import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'

const Note = model('Note', { fields: { id: f.string(), text: f.string() }, key: 'id' })

export const dynamic = 'force-dynamic'

export default async function Page() {
  const db = await connect({ models: { Note }, store: memory() })
  await db.Note.create({ id: '1', text: 'in memory' })
  const note = await db.Note.get({ id: '1' })
  await db.close()
  return <p>{note.text}</p>
}
