// An image as its manifest and config describe it, after every digest was checked. Nothing here is trusted beyond that: who says so is trust's business.
// Source: OCI image-spec v1.1.0, manifest.md and config.md; Docker image manifest v2 schema 2.

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = string;

export type Platform = {
  readonly os: string;
  readonly architecture: string;
  /** "" when there is none. */
  readonly variant: string;
};

/** One line of the config's history: what the author says made a layer (or only changed the config). */
export type HistoryLine = {
  /** Dockerfile-like, as the builder wrote it; "" when it did not. */
  readonly createdBy: string;
  /** RFC 3339, or "". */
  readonly created: string;
  readonly comment: string;
  readonly isEmptyLayer: boolean;
};

export type ImageConfig = {
  readonly platform: Platform;
  /** What the index says that the image is for, where there is an index that says it. */
  readonly indexPlatform?: Platform;
  /** RFC 3339; "" when the config has none. Claimed by the builder. */
  readonly created: string;
  readonly user: string;
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `80/tcp` */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly onBuild: readonly string[];
  readonly stopSignal: string;
  /** First element `NONE`, `CMD` or `CMD-SHELL`; empty when there is none. */
  readonly healthcheck: readonly string[];
  /** Nanoseconds between two health checks; 0 is the engine's default. */
  readonly healthcheckInterval: number;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryLine[];
};

export type LayerDescriptor = {
  /** 0 is the lowest. */
  readonly index: number;
  /** Of the bytes as they are stored; "" where they have no name of their own (uncompressed in an archive, a directory). */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes as stored; 0 when not known beforehand. */
  readonly size: number;
  /** Of the uncompressed tar; "" for a directory. */
  readonly diffId: Digest;
  /** The history line that made it; "" when the history does not say. */
  readonly createdBy: string;
};

export type ImageDescription = {
  /** What the user asked for, as typed. */
  readonly subject: string;
  /** `docker-archive`, `oci-layout`, `registry`, `engine`, `directory`, `container`, ... = name of the source. */
  readonly source: string;
  /** Canonical names that the image has or claims, `docker.io/library/busybox:1`. Claims of an archive are only claims. */
  readonly names: readonly string[];
  /** "" where the medium has none (engine, directory). */
  readonly indexDigest: Digest;
  readonly manifestDigest: Digest;
  /** The image id; "" for a directory. */
  readonly configDigest: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly LayerDescriptor[];
};
