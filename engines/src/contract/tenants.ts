// Part of the engine contract: orgs, which are an engine's tenants.

/** An org, as an engine sees it: containers that can reach each other and no other org's containers. */
export interface TenantSpec {
  /** The org's id. */
  id: number;
}

/** What an engine has for an org. */
export interface TenantListing {
  ref: string;
  id: number;
  /**
   * Why it has to be ensured again. `update`: what it was made from has changed since, such as the org's limits.
   * `repair`: somebody else removed or changed something. Omitted: it is as it should be, or the engine can't tell.
   */
  needs?: 'update' | 'repair';
}

/** What an engine does with tenants. */
export interface EngineTenants {
  /**
   * Creates what the tenant's containers need, such as a network, and repairs or updates what is there. Does nothing if
   * it is as it should be.
   */
  ensure(tenant: TenantSpec): Promise<void>;
  /** Removes what `ensure` created. Succeeds if there is nothing to remove. */
  remove(id: number): Promise<void>;
  list(): Promise<TenantListing[]>;
}
