import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { found } from '../errors'
import { locationOf } from '../http/headers'
import { NewTask, Task, TaskChange, TaskPage, TaskQuery } from '../models/task'
import { apiErrors, bodyErrors, noContent, responses } from '../openapi/responses'
import { toPage } from '../schemas/page'
import { IdPath, NoQuery } from '../schemas/parameters'
import { createTaskStore, taskNotFound } from '../stores/tasks'

/** A user's tasks. */
export const taskRoutes = (database: Database, authenticated: Authenticated) => {
  const tasksOf = createTaskStore(database)

  return new Elysia({ prefix: '/api/tasks', tags: ['Tasks'] })
    .use(authenticated)
    .get('', async ({ userId, query }) => toPage(await tasksOf(userId).list(query)), {
      query: TaskQuery,
      response: responses({ 200: TaskPage }, apiErrors),
      detail: { operationId: 'listTasks', summary: 'List tasks, newest first' },
    })
    .post(
      '',
      async ({ userId, body, path, set, status }) => {
        const task = await tasksOf(userId).add(body)
        set.headers.location = locationOf(path, task.id)
        return status(201, task)
      },
      {
        query: NoQuery,
        body: NewTask,
        response: responses({ 201: Task }, [...apiErrors, ...bodyErrors]),
        detail: { operationId: 'addTask', summary: 'Add a task' },
      },
    )
    .get('/:id', async ({ userId, params }) => found(await tasksOf(userId).find(params.id), taskNotFound), {
      params: IdPath,
      query: NoQuery,
      response: responses({ 200: Task }, [...apiErrors, 404]),
      detail: { operationId: 'getTask', summary: 'Get a task' },
    })
    .patch(
      '/:id',
      async ({ userId, params, body }) => found(await tasksOf(userId).change(params.id, body), taskNotFound),
      {
        params: IdPath,
        query: NoQuery,
        body: TaskChange,
        response: responses({ 200: Task }, [...apiErrors, ...bodyErrors, 404]),
        detail: { operationId: 'changeTask', summary: 'Change a task' },
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, status }) => {
        found(await tasksOf(userId).remove(params.id), taskNotFound)
        return status(204, undefined)
      },
      {
        params: IdPath,
        query: NoQuery,
        response: responses({ 204: noContent }, [...apiErrors, 404]),
        detail: { operationId: 'deleteTask', summary: 'Delete a task' },
      },
    )
}
