import { Elysia } from 'elysia'

/** Adds headers to the answer that a request will get, whatever gives it. */
export type Step = (headers: Record<string, string>, request: Request) => void

/** Takes these steps for every request, in one hook: each hook of its own would cost every answer. */
export const everyAnswer = (...steps: Step[]) =>
  new Elysia({ name: 'every-answer' }).onRequest(({ request, set }) => {
    for (const step of steps) step(set.headers as Record<string, string>, request)
  })
