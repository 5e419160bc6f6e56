import { Type } from '@sinclair/typebox'

export const Me = Type.Object(
  { user_id: Type.String({ description: 'The authenticated user.', examples: ['user-1'] }) },
  { $id: 'Me' },
)
