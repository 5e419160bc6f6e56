import { Type } from '@sinclair/typebox'
import { CreatedAt, Key, UserId } from './fields'
import { followablePageOf } from './page'
import { text } from './text'

const role = Type.Union([Type.Literal('user'), Type.Literal('assistant')], { description: 'Who speaks.' })
const content = text({
  nonEmpty: true,
  max: 100_000,
  description: 'What is said.',
  examples: ['Add milk to my list, please.'],
})

export const Message = Type.Object(
  { id: Key, user_id: UserId, conversation_id: Key, role, content, created_at: CreatedAt },
  { $id: 'Message' },
)

export const NewMessage = Type.Object({ role, content }, { $id: 'NewMessage', additionalProperties: true })

export const MessagePage = followablePageOf(Message, 'MessagePage')
