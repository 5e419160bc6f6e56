import { taskNotFound } from '../stores/tasks'
import { toTaskList } from './list'
import { withoutNulls } from './results'
import {
  AddArguments,
  CompleteArguments,
  DeletedTask,
  defaultListLimit,
  FoundTask,
  ListArguments,
  maxListedDescription,
  TaskArguments,
  TaskList,
  UpdateArguments,
} from './schemas'
import { type Tool, tool } from './tool'

const completedOf = { all: undefined, pending: false, completed: true }

const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }

/** A row that was found. Throws NotFound if none was. */
const existing = <R extends object>(row: R | undefined): R => {
  if (!row) throw taskNotFound()
  return row
}

const listTasks = tool({
  name: 'list_tasks',
  title: 'List tasks',
  description: `Lists the user's tasks, newest first: use it to see what there is to do, and to find the id of a task for the other tools. Returns up to ${defaultListLimit} tasks unless limit says otherwise, fewer if they are long; a description longer than ${maxListedDescription} characters is cut. If has_more is true, the list continues: call it again with the same status and with cursor set to next_cursor.`,
  input: ListArguments,
  output: TaskList,
  hints: reads,
  run: async (tasks, { status = 'all', limit = defaultListLimit, cursor }) =>
    toTaskList(await tasks.list({ limit, cursor, completed: completedOf[status] })),
})

const getTask = tool({
  name: 'get_task',
  title: 'Get a task',
  description:
    'Returns one task with its whole description: use it if list_tasks has cut the description, or to see the current state of a task whose id is known.',
  input: TaskArguments,
  output: FoundTask,
  hints: reads,
  run: async (tasks, { task_id }) => withoutNulls(existing(await tasks.find(task_id))),
})

const addTask = tool({
  name: 'add_task',
  title: 'Add a task',
  description:
    'Adds one pending task and returns it with its id: use it once for each task that the user wants to remember. Every call adds another task: if the outcome of a call is unknown, look for the task with list_tasks before calling it again.',
  input: AddArguments,
  output: FoundTask,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  unknownOutcome: 'the task may or may not have been added',
  run: async (tasks, task) => withoutNulls(await tasks.add(task)),
})

const completeTask = tool({
  name: 'complete_task',
  title: 'Complete a task',
  description:
    'Marks a task as completed and returns the task: use it if the user has done the task. With completed set to false, it marks the task as pending again. The title and the description stay as they are.',
  input: CompleteArguments,
  output: FoundTask,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  unknownOutcome: 'the task may or may not have been marked',
  run: async (tasks, { task_id, completed = true }) =>
    withoutNulls(existing(await tasks.change(task_id, { completed }))),
})

const updateTask = tool({
  name: 'update_task',
  title: 'Update a task',
  description:
    'Replaces the title, the description or both of a task and returns the task: use it to reword a task or to correct it. To mark a task as completed or pending, use complete_task. If only a part of the description changes, read all of it with get_task first. What is not passed stays as it is.',
  input: UpdateArguments,
  output: FoundTask,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  unknownOutcome: 'the task may or may not have been updated',
  rule: ({ title, description }) =>
    title === undefined && description === undefined ? 'must have a title or description' : undefined,
  run: async (tasks, { task_id, ...fields }) => withoutNulls(existing(await tasks.change(task_id, fields))),
})

const deleteTask = tool({
  name: 'delete_task',
  title: 'Delete a task',
  description:
    'Deletes a task for good and returns its id and title: use it only if the user asked to delete this very task, since it cannot be undone. A task that is done is marked with complete_task, not deleted.',
  input: TaskArguments,
  output: DeletedTask,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  unknownOutcome: 'the task may or may not have been deleted',
  run: async (tasks, { task_id }) => {
    const { title } = existing(await tasks.remove(task_id))
    return { task_id, title, deleted: true }
  },
})

/** What an assistant can do with a user's tasks. */
export const tools: readonly Tool[] = [listTasks, getTask, addTask, completeTask, updateTask, deleteTask]
