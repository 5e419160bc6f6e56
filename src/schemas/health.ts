import { Type } from '@sinclair/typebox'

export const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('healthy'), Type.Literal('unhealthy')]),
    database: Type.Union([Type.Literal('connected'), Type.Literal('disconnected')]),
  },
  { $id: 'Health' },
)

export const Liveness = Type.Object({ status: Type.Literal('alive') }, { $id: 'Liveness' })
