import { Type } from '@sinclair/typebox'

const FieldProblem = Type.Object(
  {
    in: Type.Union([Type.Literal('path'), Type.Literal('query'), Type.Literal('body')], {
      description: 'The part of the request that holds it.',
      examples: ['body'],
    }),
    path: Type.String({ description: 'A JSON pointer into that part.', examples: ['/title'] }),
    message: Type.String({ examples: ['is required'] }),
  },
  { $id: 'FieldProblem' },
)

export const Problem = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The name of the status.', examples: ['Not Found'] }),
    status: Type.Integer({ examples: [404] }),
    detail: Type.String({
      description: 'A sentence for people to read.',
      examples: ['This task does not exist.'],
    }),
    errors: Type.Optional(
      Type.Array(FieldProblem, { description: 'Every problem of a request that is not valid.' }),
    ),
  },
  { $id: 'Problem', description: 'What went wrong (RFC 9457).' },
)
