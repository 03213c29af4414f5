// The caller of an API call, as an identity provider named it.

/** How sure we are who speaks: each kind is one provider. */
export type PrincipalKind = "unix" | "container" | "certificate" | "kerberos" | "ldap" | "oidc" | "anonymous";

export type Principal = {
  /** Stable and exact, prefixed by its kind: `unix:alice`, `unix:#1234`, `container:<64 hex>`, `certificate:spiffe://x/y`. */
  readonly id: string;
  readonly kind: PrincipalKind;
  /** For people: `alice`. */
  readonly name: string;
  /** Prefixed like the id: `unix:docker`. Sorted, without duplicates. */
  readonly groups: readonly string[];
  /** What the caller's objects are labelled with; the id unless the listener says otherwise. */
  readonly owner: string;
  /** Name of the identity provider plugin that vouches for the caller. */
  readonly provider: string;
  readonly process?: CallerProcess;
  /** Certificate callers: SHA-256 of the public key (SPKI), lower-case hex. */
  readonly keyFingerprint?: string;
};

/** The process at the other end of a unix socket, read while a pidfd held it. */
export type CallerProcess = {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly executable?: string;
  /** The container (64 hex) that the process lives in, when a socket was mounted into one. */
  readonly container?: string;
};
