// What policies see of a call: flat, complete, computed before the decision. Sets are sorted and without duplicates.
// policies/plimsoll.cedarschema declares the same names; a test holds the two together.

export type FactValue = boolean | number | string | readonly string[];
export type Facts = Readonly<Record<string, FactValue>>;

/** Facts of every call. */
export type CallFacts = {
  readonly listener: string;
  /** `unix`, `tls` or `authz-plugin`. */
  readonly transport: string;
  /** The API version after clamping, `1.41`. */
  readonly apiVersion: string;
  /** The container (64 hex) that the caller lives in; "" when it runs on the host. */
  readonly callerContainer: string;
  /** Objects that the call names beside its resource and that another owner holds, `volume:NAME`, `container:ID`, `network:ID`, `image:ID`, `tag:REF`. */
  readonly foreignReferences: readonly string[];
  /** Like foreignReferences, for objects that nobody owns (made around the gate). */
  readonly unownedReferences: readonly string[];
};

export type ContainerFacts = CallFacts & {
  readonly privileged: boolean;
  /** Canonical, `CAP_SYS_ADMIN`; `ALL` stays `ALL`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  /** Host paths after symlinks, of binds, bind mounts and local volumes that bind. */
  readonly hostBinds: readonly string[];
  /** Those of hostBinds that the container may write. */
  readonly hostBindsWritable: readonly string[];
  /** A bind source does not exist on the host: the engine would create it as root. */
  readonly hostBindsMissing: boolean;
  /** A bind reaches the engine's socket, data or Plimsoll's own files. */
  readonly bindsEngine: boolean;
  /** Names of volumes that the call mounts or creates. */
  readonly volumes: readonly string[];
  /** Volume drivers: `local`, `local:tmpfs`, `local:bind`, `local:OTHER-TYPE`, `plugin:NAME`, `cluster` for a swarm's volume. */
  readonly volumeDrivers: readonly string[];
  readonly devices: readonly string[];
  readonly deviceRules: readonly string[];
  readonly deviceRequests: boolean;
  /** `private`, `host`, `container` or `other`. */
  readonly pidMode: string;
  /** `private`, `none`, `shareable`, `host`, `container` or `other`. */
  readonly ipcMode: string;
  /** `default`, `none`, `host`, `container`, `named` or `other`. */
  readonly networkMode: string;
  /** Full IDs of networks that the call names. */
  readonly networks: readonly string[];
  /** `private` or `host`, each. */
  readonly utsMode: string;
  readonly cgroupnsMode: string;
  readonly usernsMode: string;
  /** `default`, `unconfined` or `custom`, each. */
  readonly seccomp: string;
  readonly apparmor: string;
  /** `default`, `disabled` or `custom`. */
  readonly selinux: string;
  /** security options that none of the above explains. */
  readonly otherSecurityOptions: readonly string[];
  readonly noNewPrivileges: boolean;
  /** MaskedPaths or ReadonlyPaths given, which replaces the engine's lists. */
  readonly systemPathsUnconfined: boolean;
  /** "" is the engine's default. */
  readonly runtime: string;
  /** Names of the profiles that were applied; what they chose (seccomp, AppArmor, SELinux) counts as `default` above. */
  readonly profiles: readonly string[];
  /** The runtime that a profile chose; "" when none did. */
  readonly profileRuntime: string;
  /** `net.ipv4.ip_forward=1` */
  readonly sysctls: readonly string[];
  readonly cgroupParent: string;
  readonly oomScoreAdj: number;
  readonly oomKillDisable: boolean;
  /** Bytes; 0 is unlimited. */
  readonly memory: number;
  /** 0 or -1 is unlimited. */
  readonly pidsLimit: number;
  /** `memlock=-1:-1` */
  readonly ulimits: readonly string[];
  readonly groupAdd: readonly string[];
  /** `0.0.0.0:81/tcp`; port 0 means the engine chooses. */
  readonly publishedPorts: readonly string[];
  /** A published host port between 1 and 1023. */
  readonly publishesPrivilegedPort: boolean;
  readonly publishAllPorts: boolean;
  readonly restartPolicy: string;
  readonly links: boolean;
  readonly volumesFrom: boolean;
  /** "" is the engine's default. */
  readonly logDriver: string;
  readonly annotations: readonly string[];
  /** As asked for; "" leaves it to the image. */
  readonly user: string;
  /** The effective user is root (uid 0), the image's own setting included. */
  readonly runsAsRoot: boolean;
  readonly readOnlyRoot: boolean;
  /** As the caller named it. */
  readonly image: string;
  /** `sha256:...`; "" when the engine does not have it. */
  readonly imageId: string;
  readonly containerIdFile: string;
  readonly storageOptions: boolean;
};

export type ExecFacts = CallFacts & {
  readonly privileged: boolean;
  readonly user: string;
  readonly runsAsRoot: boolean;
};

export type BuildFacts = CallFacts & {
  /** `default`, `none`, `host`, `container`, `named` or `other`. */
  readonly networkMode: string;
  readonly cgroupParent: string;
  readonly securityOptions: readonly string[];
  /** The engine would fetch the context from this URL (without credentials and query); "" when the context is in the body. */
  readonly remote: string;
  readonly tags: readonly string[];
  readonly buildKit: boolean;
};

export type ImageFacts = CallFacts & {
  /** `docker.io`, `127.0.0.1:5000`; "" when no registry takes part. */
  readonly registry: string;
  /** The registry is on a loopback, link-local or private address. */
  readonly registryIsPrivate: boolean;
  /** Import: the URL the engine would fetch, without credentials and query; "" for bytes in the body. */
  readonly remote: string;
  /** References that the call sets or moves, `docker.io/library/a:b`. */
  readonly tags: readonly string[];
};

/** What is in an image. Numbers count findings that no rule or VEX statement suppresses; vulnerabilities count once an id and package. */
export type AdmissionFacts = {
  readonly listener: string;
  /** As the caller named it. */
  readonly image: string;
  /** `sha256:...` of the config. */
  readonly imageId: string;
  /** False: the image could not be read, or not in time. All that follows is then empty. */
  readonly scanned: boolean;
  /** Why it was not; "" when it was. */
  readonly scanError: string;
  /** Vulnerabilities by severity, then those of them that a newer version ends. */
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  readonly negligible: number;
  readonly unknown: number;
  readonly fixable: number;
  readonly fixableCritical: number;
  readonly fixableHigh: number;
  /** Vulnerabilities that are known to be exploited. */
  readonly knownExploited: number;
  /** Files with malware, deleted ones too. */
  readonly malware: number;
  readonly secrets: number;
  readonly misconfigurations: number;
  /** Constructs in layers that readers of archives understand differently. */
  readonly ambiguous: number;
  /** Files that could not be read as what they claim to be. */
  readonly unreadable: number;
  /** The image's own setting; "" is root. */
  readonly user: string;
  readonly runsAsRoot: boolean;
  /** Since the image says that it was built; -1 when it does not say. */
  readonly ageDays: number;
  /** Since the advisories were put together; -1 when there are none. */
  readonly dataAgeHours: number;
  /** `debian:12`; "" when the image does not say. */
  readonly distribution: string;
  /** `trusted`, `not-required`, `unsigned`, `untrusted`, `revoked`, `stale`, `cannot-tell`, or `unknown`: there is no trust file. */
  readonly trust: string;
  /** One sentence; "" while unknown. */
  readonly trustReason: string;
  /** Names (of the trust file) of those whose signatures hold and count. */
  readonly signers: readonly string[];
  /** Since the newest of them signed, by a trusted timestamp; -1 when there is none. */
  readonly signedDaysAgo: number;
  /** Of the tag's record; 0 when there is none. */
  readonly tagCounter: number;
  /** `registry`, `built`, `committed`, `imported`, `loaded`, `unknown`. */
  readonly origin: string;
  /** Id of who made it here; "" when it was not made through this gate. */
  readonly madeBy: string;
  /** Every image that it was built from was trusted. */
  readonly basesTrusted: boolean;
  /** There is SLSA provenance by those whom the trust file believes. Its texts follow, as written; "" where it is silent, or where two disagree. */
  readonly provenance: boolean;
  /** Id of who built it. */
  readonly provenanceBuilder: string;
  readonly provenanceBuildType: string;
  /** Where the source is from. */
  readonly provenanceSource: string;
  /** Commit of the source. */
  readonly provenanceRevision: string;
  /** 0 without provenance, 1 with it, more when a verification summary that is believed says so. */
  readonly provenanceLevel: number;
};

export type TrustFacts = Pick<
  AdmissionFacts,
  "trust" | "trustReason" | "signers" | "signedDaysAgo" | "tagCounter" | "origin" | "madeBy" | "basesTrusted"
>;

export type ProvenanceFacts = Pick<AdmissionFacts, Extract<keyof AdmissionFacts, `provenance${string}`>>;

/**
 * One question of those by which the watch learns how closely it has to look at a new container: may it go with this
 * protection at no more than this level? Asked from `off` upwards; the first level that nobody forbids holds.
 */
export type WatchFacts = {
  readonly listener: string;
  /** `drift`, `memory`, `escape`, `host-paths`, `network`, `malware` or `mining`. */
  readonly protection: string;
  /** `off`, `detect` or `block`. */
  readonly level: string;
  /** As the caller named it. */
  readonly image: string;
  readonly imageId: string;
  /** `team=web`, as the caller asked for; those of the image are not among them. */
  readonly labels: readonly string[];
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly hostBindsWritable: readonly string[];
  /** See ContainerFacts. */
  readonly pidMode: string;
  readonly networkMode: string;
  readonly runsAsRoot: boolean;
  /** False: nobody has looked into the image. Numbers are then 0. */
  readonly scanned: boolean;
  readonly critical: number;
  readonly high: number;
  readonly knownExploited: number;
  readonly malware: number;
  /** See AdmissionFacts. */
  readonly trust: string;
  readonly signers: readonly string[];
};

export type VolumeFacts = CallFacts & {
  /** See ContainerFacts.volumeDrivers. */
  readonly driver: string;
  readonly hostBinds: readonly string[];
  readonly bindsEngine: boolean;
};

export type NetworkFacts = CallFacts & {
  readonly driver: string;
  readonly options: readonly string[];
  /** A driver or option that reaches a host interface, or a subnet that is not private or overlaps one of the host's. */
  readonly usesHostInterface: boolean;
};

export type CheckpointFacts = CallFacts & { readonly directory: string };
