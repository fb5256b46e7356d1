/** The part of oidc-provider's interface that the tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  /** An authorization request that waits for the end user. */
  export interface Interaction {
    readonly uid: string
    readonly prompt: { readonly name: string }
    readonly params: Readonly<Record<string, string>>
    readonly session?: { readonly accountId: string }
  }

  /** What an end user agreed to. */
  export interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  /** The request that is under way, with what was loaded for it. */
  export interface RequestContext {
    readonly oidc: {
      readonly entities: {
        readonly AuthorizationCode?: {
          readonly accountId: string
          readonly acr?: string
          readonly amr?: readonly string[]
          readonly authTime?: number
          readonly sid?: string
        }
        readonly Session?: { readonly uid: string }
      }
    }
  }

  /** An OAuth 2.0 authorization server; a Koa application. */
  export class Provider {
    constructor(issuer: string, setup: Readonly<Record<string, unknown>>)
    readonly Grant: new (of: { accountId: string; clientId: string }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
      options?: { mergeWithLastSubmission: boolean },
    ): Promise<void>
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): this
  }

  /** What is asked of an end user before an answer. */
  export const interactionPolicy: {
    readonly base: () => {
      readonly get: (prompt: string) => {
        readonly checks: { readonly add: (check: object) => void }
      }
    }
    readonly Check: new (
      reason: string,
      description: string,
      check: (context: {
        readonly oidc: {
          readonly params: Readonly<Record<string, string | undefined>>
          readonly session: { readonly acr?: string }
        }
      }) => boolean,
    ) => object
  }
}
