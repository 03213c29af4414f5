// Everything an operator may choose, with the defaults filled in. docs/configuration.md explains each key.

import type { Mode } from "../../model/decision.ts";

export type Configuration = {
  /** The file it was read from; "" when there is none and defaults hold. */
  readonly file: string;
  readonly engine: EngineChoice;
  /** In a managed engine root in a container is nobody on the host. */
  readonly userNamespaces: boolean;
  /** What must survive a restart: audit log, ownership, a managed engine's data. */
  readonly stateFolder: string;
  /** What a reboot may clear: sockets, the pid file. */
  readonly runtimeFolder: string;
  readonly listeners: readonly ListenerConfiguration[];
  readonly audit: AuditConfiguration;
  /** Where Prometheus may ask; absent: nowhere. */
  readonly metrics?: NetworkAddress;
  readonly limits: LimitsConfiguration;
  readonly admission: AdmissionConfiguration;
  readonly watch: WatchConfiguration;
  readonly profiles: ProfilesConfiguration;
  /** Variables of the widely used socket proxies (CONTAINERS=1, POST=0); empty when none is set. */
  readonly socketProxy: Readonly<Record<string, string>>;
};

export type EngineChoice =
  /** The engine that is here, else a managed one. */
  { readonly kind: "auto" } | { readonly kind: "managed" } | { readonly kind: "socket"; readonly path: string };

export type ListenerConfiguration = {
  readonly name: string;
  readonly endpoint: ListenerEndpoint;
  /** A socket that systemd hands over under this name is used instead of opening `endpoint`. */
  readonly fdName: string;
  /** `auto`: enforce on a managed engine, observe on one that was there before. */
  readonly mode: Mode | "auto";
  readonly policies: readonly string[];
  readonly unknownFields: "refuse" | "drop";
  readonly identity: readonly string[];
  readonly owner?: string;
  /** SHA-256 of client keys (SPKI), lower-case hex. */
  readonly pins: readonly string[];
};

export type ListenerEndpoint =
  | {
      readonly transport: "unix" | "authz-plugin";
      readonly path: string;
      /** Permission bits of the socket file. */
      readonly fileMode: number;
      readonly gid?: number;
    }
  | {
      readonly transport: "tls";
      readonly address: NetworkAddress;
      /** Paths of PEM files. */
      readonly certificateFile: string;
      readonly keyFile: string;
      readonly clientAuthorityFile: string;
    };

export type NetworkAddress = { readonly host: string; readonly port: number };

export type AuditConfiguration = {
  /** Days that records are kept; 0 keeps them for ever. */
  readonly keepDays: number;
  /** Most bytes of the log on disk; 0 is no limit. */
  readonly maxBytes: number;
  /** When no record can be written: refuse calls, or serve them unrecorded. */
  readonly onFull: "refuse" | "serve";
  /** File that a signed checkpoint is appended to every five minutes; absent: none. */
  readonly witness?: string;
  /** Folder that the log is written to as verifiable files; absent: none. */
  readonly tiles?: string;
};

export type AdmissionConfiguration = {
  /** `auto`: images are read where a listener's policies have a rule on what is in them. */
  readonly enabled: "auto" | "no";
  /** Milliseconds that a caller waits for an image that nobody has read yet. */
  readonly waitMs: number;
  /** The advisory database; "" is the usual one. */
  readonly databasePath: string;
  /** Own rules: YARA, secrets, hash lists. */
  readonly ruleFiles: readonly string[];
  /** Ignore rules and VEX statements that count for every image. */
  readonly ignoreFiles: readonly string[];
  readonly vexFiles: readonly string[];
  /** "" for none. */
  readonly clamdSocket: string;
  /** Who has to have signed images; "" is `trust.yaml` beside the usual configuration, when there is one. */
  readonly trustFile: string;
  /** Registries that are spoken to without TLS, `host:port`. */
  readonly insecureRegistries: readonly string[];
};

export type ProfilesConfiguration = {
  /** What containers of an image may at most ask for, one file a profile. */
  readonly folder: string;
  /** The operator named it: it has to exist. */
  readonly isRequired: boolean;
};

export type WatchConfiguration = {
  /** `auto`: where it runs as root on a kernel that has what it takes. */
  readonly enabled: "auto" | "no";
  /** No new container while nobody watches. */
  readonly required: boolean;
  /** The level of every protection for containers that were started around the gate. */
  readonly unknown: "off" | "detect" | "block";
  /** `all`: rules that ship switched off count too. */
  readonly ruleset: "standard" | "all";
  /** Own rules: files, or folders of them. */
  readonly rules: readonly string[];
  readonly outputs: readonly {
    readonly kind: "stdout" | "syslog" | "webhook";
    /** "" where the kind needs none. */
    readonly to: string;
    /** "" for none. */
    readonly secretFile: string;
  }[];
  /** Who is asked for names in allow-lists; empty: the resolver of this host. */
  readonly nameServers: readonly string[];
  /** Most bytes of one archive of evidence. */
  readonly evidenceMaxBytes: number;
  readonly malware: {
    readonly enabled: "auto" | "no";
    /** Larger files are not looked into: at block they are not executed. */
    readonly maxFileBytes: number;
    /** So long an exec waits at most; then it is refused. */
    readonly timeoutMs: number;
  };
};

export type LimitsConfiguration = {
  /** Largest JSON body of a request, in bytes. */
  readonly bodyBytes: number;
  /** Connections of one listener at once. */
  readonly connections: number;
};
