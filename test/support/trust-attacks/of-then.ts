// What the first malicious images did, in 2014. Engines of today withstand them; unsigned, none of them gets that far.

import type { HostileRepository } from "../hostile-registry.ts";
import { archive, file, hardlink, symlink } from "../hostile-tar.ts";
import { type MadeImage, makeOciImage } from "../oci-image.ts";
import { type TrustAttack, unsigned } from "./attack.ts";

const withLayer = (...entries: readonly Buffer[]): MadeImage => makeOciImage({ tars: [archive(...entries)] });
const pushed = (made: MadeImage) => (repository: HostileRepository) => void repository.push(made);

export const ofThen: readonly TrustAttack[] = [
  {
    ...{
      id: "CVE-2014-6407a",
      what: "a layer that writes through a symbolic link out of the image",
      says: unsigned,
      direct: "refuses it",
    },
    prepare: pushed(withLayer(symlink("out", "/../../../../tmp"), file("out/plimsoll-escaped", "x"))),
  },
  {
    ...{
      id: "CVE-2014-6407b",
      what: "a layer with a hard link to a file of the host",
      says: unsigned,
      direct: "refuses it",
    },
    prepare: pushed(withLayer(hardlink("shadow", "/../../../../etc/shadow"))),
  },
  {
    ...{
      id: "CVE-2014-6408",
      what: "an image that asks for security options of its own",
      says: unsigned,
      direct: "takes it",
    },
    prepare: pushed(
      makeOciImage({ config: { host_config: { SecurityOpt: ["seccomp=unconfined"], Privileged: true } } }),
    ),
  },
  {
    ...{
      id: "CVE-2014-9357",
      what: "a layer that is not what it says: xz, for which a program of the image would be run",
      says: unsigned,
      direct: "refuses it",
    },
    prepare: pushed(
      makeOciImage({
        tars: [Buffer.concat([Buffer.from("fd377a585a00", "hex"), Buffer.alloc(506)])],
        compression: "none",
      }),
    ),
  },
];
