import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { validate } from '../http/validate'
import { apiErrors, bodyErrors, noContent, responses } from '../openapi/responses'
import { tag } from '../openapi/tag'
import { IdPath } from '../schemas/id'
import { toPage } from '../schemas/page'
import { missingField } from '../schemas/required-field'
import { NewTask, Task, TaskChange, TaskPage, TaskQuery } from '../schemas/task'
import { createTaskStore, taskNotFound } from '../stores/tasks'

/** A user's tasks. */
export const taskRoutes = (database: Database, authenticated: Authenticated) => {
  const tasksOf = createTaskStore(database)

  return new Elysia({
    name: 'tasks',
    prefix: '/api/tasks',
    detail: { ...tag('Tasks', 'What a user has to do.'), security: [{ bearer: [] }] },
  })
    .use(authenticated)
    .get('', async ({ userId, query }) => toPage(await tasksOf(userId).list(query)), {
      ...validate({ query: TaskQuery }),
      response: responses({ 200: TaskPage }, [...apiErrors, 422]),
      detail: { operationId: 'listTasks', summary: 'List tasks, newest first' },
    })
    .post(
      '',
      async ({ userId, body, set, status }) => {
        const task = await tasksOf(userId).add(body)
        set.headers.location = `/api/tasks/${task.id}`
        return status(201, task)
      },
      {
        ...validate({ body: NewTask }),
        response: responses({ 201: Task }, [...apiErrors, ...bodyErrors]),
        detail: { operationId: 'addTask', summary: 'Add a task' },
      },
    )
    .get(
      '/:id',
      async ({ userId, params }) => {
        const task = await tasksOf(userId).find(params.id)
        if (!task) throw taskNotFound()
        return task
      },
      {
        ...validate({ params: IdPath }),
        response: responses({ 200: Task }, [...apiErrors, 404, 422]),
        detail: { operationId: 'getTask', summary: 'Get a task' },
      },
    )
    .patch(
      '/:id',
      async ({ userId, params, body }) => {
        const task = await tasksOf(userId).change(params.id, body)
        if (!task) throw taskNotFound()
        return task
      },
      {
        ...validate({ params: IdPath, body: TaskChange }, (body) => missingField(TaskChange, body)),
        response: responses({ 200: Task }, [...apiErrors, ...bodyErrors, 404]),
        detail: { operationId: 'changeTask', summary: 'Change a task' },
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, status }) => {
        if (!(await tasksOf(userId).remove(params.id))) throw taskNotFound()
        return status(204, undefined)
      },
      {
        ...validate({ params: IdPath }),
        response: responses({ 204: noContent }, [...apiErrors, 404, 422]),
        detail: { operationId: 'deleteTask', summary: 'Delete a task' },
      },
    )
}
