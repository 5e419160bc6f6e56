import { Type } from '@sinclair/typebox'

export const Key = Type.Integer({ format: 'int64', minimum: 1, examples: [1] })

export const UserId = Type.String({ description: 'The user who owns the row.', examples: ['user-1'] })

const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-02-14T09:30:00.000Z'] })

export const CreatedAt = time('When it was created, in UTC.')
export const UpdatedAt = time('When it was last changed, in UTC.')
