// What containers of one image did while somebody watched: the ground on which a profile is proposed.

export type Behaviour = {
  /** `sha256:...` */
  readonly imageId: string;
  /** As the caller of `learn` named it. */
  readonly image: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** How many containers were seen. */
  readonly containers: number;
  /** Programs of the image that ran, absolute paths. */
  readonly executables: readonly string[];
  readonly children: readonly { readonly parent: string; readonly child: string }[];
  /** Files that were written or made, absolute paths in the container. */
  readonly written: readonly string[];
  /** TCP and UDP ports that were bound, without those that the kernel chose. */
  readonly ports: readonly number[];
  /** Peers, addresses or DNS names. */
  readonly peers: readonly { readonly to: string; readonly port: number }[];
  /** Names of system calls; undefined when the sensor could not count them. */
  readonly systemCalls: readonly string[] | undefined;
  /** Capabilities as the kernel was asked for them; undefined when the sensor could not see that. */
  readonly capabilities: readonly string[] | undefined;
  /** User ids in the host's numbers that programs ran as. */
  readonly users: readonly number[];
  /** A setuid or setgid file, or one with capabilities, gave a program more than it had. */
  readonly gainsByFiles: boolean;
  /** Sockets below IP: ping, DHCP, packet capture. */
  readonly opensRawSockets: boolean;
  /** The most processes and threads that ran at once; 0 when unknown. */
  readonly mostProcesses: number;
  /** The most memory, in bytes; 0 when unknown. */
  readonly mostMemory: number;
  /** What was seen and not learnt, each a sentence: nobody teaches the model by attacking it. */
  readonly leftOut: readonly string[];
  /** Events that the sensor lost meanwhile: above 0 the model may miss something. */
  readonly lost: number;
};
