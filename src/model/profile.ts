// What a container of an image needs, and no more: written by hand or by `plimsoll learn`, applied by the gate when the container is made.

import type { JsonObject } from "./json.ts";
import type { NetworkPermit, Protection, ProtectionLevel } from "./watch.ts";

export type Profile = {
  /** `nginx`; also names what is made of it, such as the AppArmor profile. */
  readonly name: string;
  /** The file it was read from. */
  readonly file: string;
  /** Full image IDs, repositories (`docker.io/library/nginx`), tags, or `*` for every image. */
  readonly images: readonly string[];
  /** Capabilities that stay, `CAP_NET_BIND_SERVICE`; undefined leaves them alone. */
  readonly capabilities?: readonly string[];
  /** A seccomp profile as the engine takes it. */
  readonly seccomp?: JsonObject;
  /** Name of a loaded AppArmor profile. */
  readonly apparmor?: string;
  readonly selinux?: { readonly type?: string; readonly level?: string };
  readonly noNewPrivileges?: true;
  /** The root file system is read-only but for these paths, which become tmpfs. */
  readonly readOnlyRoot?: { readonly writable: readonly string[] };
  /** `1000:1000`, for containers that would run as root. */
  readonly user?: string;
  readonly pidsLimit?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Name of an OCI runtime as the engine knows it. */
  readonly runtime?: string;
  /** Stays in the engine's user namespace. */
  readonly userNamespace?: true;
  readonly protections?: Readonly<Partial<Record<Protection, ProtectionLevel>>>;
  readonly connect?: readonly NetworkPermit[];
  readonly bind?: readonly NetworkPermit[];
};

/** What a profile chose for a request. Policies take it for the operator's choice, not for the caller's. */
export type ChosenByProfile = {
  /** Entries of HostConfig.SecurityOpt, as they stand in the request. */
  readonly securityOptions: readonly string[];
  readonly runtime: string;
};

/** What a profile wants of the watch; it raises levels and never lowers one. */
export type WatchDemands = {
  readonly levels: ReadonlyMap<Protection, ProtectionLevel>;
  readonly connect?: readonly NetworkPermit[];
  readonly bind?: readonly NetworkPermit[];
};
