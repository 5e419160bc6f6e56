import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { noTask } from '../errors'
import { type Rule, takes } from '../http/takes'
import { NewTask, Task, TaskChange, TaskPage } from '../models/task'
import { failures, operation } from '../openapi/operation'
import { flag, toFlag } from '../schemas/flag'
import { IdParameter, toId } from '../schemas/id'
import { PageQuery, toPage, toPageRequest } from '../schemas/page'
import { createTaskStore } from '../stores/tasks'

const TasksQuery = Type.Object(
  {
    ...PageQuery.properties,
    completed: Type.Optional(flag('Only tasks that are done, or are not.')),
  },
  { additionalProperties: true },
)

const changesSomething: Rule = ({ body }) => {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject || Object.keys(TaskChange.properties).some((field) => field in body)) return undefined
  return { in: 'body', path: '', message: 'must have a title, description or completed' }
}

/** A user's tasks. */
export const taskRoutes = (database: Database, authenticate: Authenticate) => {
  const tasksOf = createTaskStore(database)

  return new Elysia({ name: 'tasks', prefix: '/api/tasks', normalize: false })
    .use(authenticated(authenticate))
    .get(
      '',
      async ({ userId, query }) =>
        toPage(await tasksOf(userId).list(toPageRequest(query), toFlag(query.completed))),
      {
        ...takes({ query: TasksQuery }),
        detail: operation({
          tag: 'Tasks',
          summary: 'List tasks, newest first',
          gives: { 200: TaskPage },
          fails: [422],
        }),
      },
    )
    .post(
      '',
      async ({ userId, body, set }) => {
        const task = await tasksOf(userId).add(body)
        set.status = 201
        set.headers.location = `/api/tasks/${task.id}`
        return task
      },
      {
        ...takes({ body: NewTask }),
        detail: operation({
          tag: 'Tasks',
          summary: 'Add a task',
          gives: { 201: Task },
          fails: failures.body,
        }),
      },
    )
    .get(
      '/:id',
      async ({ userId, params }) => {
        const task = await tasksOf(userId).find(toId(params.id))
        if (!task) throw noTask()
        return task
      },
      {
        ...takes({ params: IdParameter }),
        detail: operation({ tag: 'Tasks', summary: 'Get a task', gives: { 200: Task }, fails: [404, 422] }),
      },
    )
    .patch(
      '/:id',
      async ({ userId, params, body }) => {
        const task = await tasksOf(userId).change(toId(params.id), body)
        if (!task) throw noTask()
        return task
      },
      {
        ...takes({ params: IdParameter, body: TaskChange }, changesSomething),
        detail: operation({
          tag: 'Tasks',
          summary: 'Change a task',
          gives: { 200: Task },
          fails: [404, ...failures.body],
        }),
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, set }) => {
        if (!(await tasksOf(userId).remove(toId(params.id)))) throw noTask()
        set.status = 204
      },
      {
        ...takes({ params: IdParameter }),
        detail: operation({
          tag: 'Tasks',
          summary: 'Remove a task',
          gives: { 204: null },
          fails: [404, 422],
        }),
      },
    )
}
