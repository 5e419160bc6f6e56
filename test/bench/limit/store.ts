import type { NewTask, Task } from '../floor/store'

/** As that of the floor, but a page is a whole answer, since each database has its own cheapest way to one. */
export interface LimitStore {
  /** Returns a promise only if there is something to wait for. */
  ping(): Promise<unknown> | undefined
  list(userId: string, limit: number, completed?: boolean): Response | Promise<Response>
  add(userId: string, task: NewTask): Promise<Task>
}

export const toCursor = (id: number) => Buffer.from(String(id)).toString('base64url')
