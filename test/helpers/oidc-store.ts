/** Where the authorization server of one test keeps sessions, grants and codes: in memory, and for that test only. */

/** What the server stores. It looks at the expiry itself. */
export type StoredModel = Record<string, unknown>

/** The interface that oidc-provider asks for, one for each of its models. */
export interface StoreAdapter {
  readonly upsert: (id: string, payload: StoredModel) => Promise<void>
  readonly find: (id: string) => Promise<StoredModel | undefined>
  readonly findByUid: (uid: string) => Promise<StoredModel | undefined>
  readonly findByUserCode: (userCode: string) => Promise<StoredModel | undefined>
  readonly consume: (id: string) => Promise<void>
  readonly destroy: (id: string) => Promise<void>
  readonly revokeByGrantId: (grantId: string) => Promise<void>
}

/** A store for all models of one server. */
export function createStore(): (model: string) => StoreAdapter {
  const models = new Map<string, Map<string, StoredModel>>()
  return (model) => {
    const entries = models.get(model) ?? new Map<string, StoredModel>()
    models.set(model, entries)
    return createAdapter(entries)
  }
}

function createAdapter(entries: Map<string, StoredModel>): StoreAdapter {
  const findBy = async (name: string, value: string): Promise<StoredModel | undefined> => {
    return entries.values().find((payload) => payload[name] === value)
  }
  return {
    upsert: async (id, payload) => void entries.set(id, payload),
    find: async (id) => entries.get(id),
    findByUid: (uid) => findBy('uid', uid),
    findByUserCode: (userCode) => findBy('userCode', userCode),
    consume: async (id) => {
      const payload = entries.get(id)
      if (payload !== undefined) payload['consumed'] = true
    },
    destroy: async (id) => void entries.delete(id),
    revokeByGrantId: async (grantId) => {
      for (const [id, payload] of entries) {
        if (payload['grantId'] === grantId) entries.delete(id)
      }
    },
  }
}
