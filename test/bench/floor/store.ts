export interface Task {
  id: number
  user_id: string
  title: string
  description: string | null
  completed: boolean
  created_at: string
  updated_at: string
}

export interface NewTask {
  title: string
  description?: string | null
  completed?: boolean
}

/** The three statements that the floor needs; SQLite returns at once what Postgres promises. */
export interface Store {
  ping(): unknown
  /** A user's newest tasks, of both kinds where `completed` is not said. */
  list(userId: string, limit: number, completed?: boolean): Task[] | Promise<Task[]>
  add(userId: string, task: NewTask): Task | undefined | Promise<Task | undefined>
}
