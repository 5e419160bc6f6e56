import { Type } from '@sinclair/typebox'
import { oneOf } from './fields'

const FieldProblem = Type.Object(
  {
    in: oneOf(['path', 'query', 'body'], 'The part of the request that holds it.'),
    path: Type.String({ description: 'A JSON pointer into that part.', examples: ['/title'] }),
    message: Type.String({ examples: ['is required'] }),
  },
  { $id: 'FieldProblem' },
)

export const Problem = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The name of the status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'A sentence for people to read.' }),
    errors: Type.Optional(
      Type.Array(FieldProblem, {
        description: 'Every problem of the first part of a request that is not valid.',
      }),
    ),
  },
  { $id: 'Problem', description: 'What went wrong (RFC 9457).' },
)
