import type { Elysia } from 'elysia'
import type { App as Service } from '../app'

/** How Elysia types the 422 of routes whose requests it might validate; this service never sends it. */
interface ElysiaProblem {
  type: 'validation'
}

type Responses<R> = {
  [Status in keyof R as R[Status] extends ElysiaProblem ? never : Status]: R[Status]
} & {}

type Route<R> = { [Part in keyof R]: Part extends 'response' ? Responses<R[Part]> : R[Part] } & {}

/**
 * Routes with the responses that are really sent. `& {}` here and above makes the compiler expand each type.
 */
type Routes<Tree> = {
  [K in keyof Tree]: Tree[K] extends { response: object } ? Route<Tree[K]> : Routes<Tree[K]>
} & {}

declare const routesOf: <Tree>() => Routes<Tree>

const routes = routesOf<Pick<Service['~Routes'], 'api' | 'health'>>()

/** The type of the service for Eden's `treaty`: its routes and nothing else. */
export type App = Elysia & { '~Routes': typeof routes }

type Api = typeof routes.api

/** The rows, and what may be sent. */
export type Task = Api['tasks'][':id']['get']['response'][200]
export type NewTask = Api['tasks']['post']['body']
export type TaskChange = Api['tasks'][':id']['patch']['body']
export type Conversation = Api['conversations'][':id']['get']['response'][200]
export type Message = Api['conversations'][':id']['messages']['post']['response'][201]
export type NewMessage = Api['conversations'][':id']['messages']['post']['body']
/** What an error is, if the service itself answered. */
export type Problem = Api['me']['get']['response'][401]
