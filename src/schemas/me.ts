import { Type } from '@sinclair/typebox'
import { UserId } from './fields'

export const Me = Type.Object({ user_id: UserId }, { $id: 'Me' })
