// What an entry of a layer may be or carry that a container's files have no need of.
// Sources: hostile-archive list L28 to L33 (devices, setuid, attributes, owners, names); kernel docs, overlayfs.rst.

import { readFileCapabilities } from "./file-capabilities.ts";
import type { Detail, EntryRule } from "./rule.ts";

/** Paths at which Debian, Alpine, Fedora and their kin ship setuid or setgid programs. */
const ownSetuid =
  /^(?:usr\/)?(?:s?bin\/(?:su|sudo|sudoedit|passwd|chfn|chsh|gpasswd|newgrp|mount|umount|expiry|chage|wall|write(?:\.ul)?|bsd-write|crontab|at|ssh-agent|newuidmap|newgidmap|fusermount3?|ping6?|pkexec|doas|unix_chkpwd|pam_extrausers_chkpwd|pam_timestamp_check|mount\.(?:nfs|cifs|fuse)|dotlockfile|bbsuid|userhelper|usernetctl|ksu|screen|mlocate|plocate|locate|grub2-set-bootflag|unix2_chkpwd)|lib(?:64|exec)?\/(?:[\w.-]+\/)?(?:ssh-keysign|dbus-daemon-launch-helper|polkit-agent-helper-1|utempter|chfn|pt_chown|camel-lock-helper-1\.2|Xorg\.wrap))$/;

const systemFolders = /^(?:usr\/)?(?:bin|sbin|lib\w*|etc|local\/(?:bin|sbin|lib))\//;

/** Memory, zero, random, terminals: a tree made by debootstrap has them, and engines put their own in their place. */
const harmlessDevices = new Set(["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2"]);

export const entryRules: readonly EntryRule[] = [
  {
    id: "setuid-file",
    severity: "high",
    title: "whoever runs this program becomes its owner",
    remedy: "remove the bit: chmod u-s",
    inspect: ({ kind, mode, path, uid }) =>
      kind === "file" && (mode & 0o4000) !== 0 ? specialBit(path, uid === 0 ? "root" : `user ${uid}`, mode) : undefined,
  },
  {
    id: "setgid-file",
    severity: "medium",
    title: "whoever runs this program gets its group",
    remedy: "remove the bit: chmod g-s",
    inspect: ({ kind, mode, path, gid }) =>
      kind === "file" && (mode & 0o2000) !== 0 && (mode & 0o010) !== 0
        ? specialBit(path, gid === 0 ? "root" : `group ${gid}`, mode)
        : undefined,
  },
  {
    id: "world-writable",
    severity: "medium",
    title: "everybody may write here",
    remedy: "remove the bit: chmod o-w, or set the sticky bit of a directory that is meant for all",
    inspect: ({ kind, mode, path }) => {
      if ((kind !== "file" && kind !== "directory") || (mode & 0o002) === 0) return undefined;
      if (kind === "directory" && (mode & 0o1000) !== 0) return undefined;
      return { what: octal(mode), ...(systemFolders.test(path) ? { severity: "high" as const } : {}) };
    },
  },
  {
    id: "device-node",
    severity: "high",
    title: "the layer brings a device",
    remedy: "remove it; give devices to a container when it starts, with --device",
    inspect: ({ kind, device }) => {
      if (kind !== "block-device" && kind !== "character-device") return undefined;
      if (device === "0:0")
        return {
          what: "a character device 0:0, which overlay file systems take for a deleted file",
          severity: "critical",
        };
      const isHarmless = kind === "character-device" && (harmlessDevices.has(device) || device.startsWith("4:"));
      const isMemory = kind === "block-device" || ["1:1", "1:2", "1:4"].includes(device);
      return {
        what: `${kind} ${device}`,
        ...(isHarmless ? { severity: "low" as const } : isMemory ? { severity: "critical" as const } : {}),
      };
    },
  },
  {
    id: "named-pipe",
    severity: "low",
    title: "the layer brings a named pipe",
    remedy: "let the program that needs it make it",
    inspect: ({ kind }) => (kind === "fifo" ? { what: "" } : undefined),
  },
  {
    id: "file-capability",
    severity: "low",
    title: "whoever runs this program gets capabilities",
    remedy: "remove them: setcap -r",
    inspect: ({ xattrs }) => {
      const value = xattrs["security.capability"];
      if (value === undefined) return undefined;
      const capabilities = readFileCapabilities(value);
      if (capabilities === undefined) return { what: "an attribute that cannot be read", severity: "high" };
      return { what: capabilities.names.join(", "), ...(capabilities.isPowerful ? { severity: "high" as const } : {}) };
    },
  },
  {
    id: "overlay-attribute",
    severity: "critical",
    title: "an attribute gives orders to the overlay file system",
    remedy: "do not use this layer: no builder writes such attributes",
    inspect: ({ xattrs }) => found(Object.keys(xattrs).filter((name) => /^(?:trusted|user)\.overlay\./.test(name))),
  },
  {
    id: "security-attribute",
    severity: "low",
    title: "the layer brings security labels of another host",
    remedy: "build without extended attributes of the build host",
    inspect: ({ xattrs }) =>
      found(
        Object.keys(xattrs).filter(
          (name) => /^security\.(?!capability$)/.test(name) || name === "system.posix_acl_access",
        ),
      ),
  },
  {
    id: "owner-out-of-range",
    severity: "high",
    title: "the owner is a number that no user has",
    remedy: "give the file to a user number below 2147483648",
    inspect: ({ uid, gid }) => (isOwner(uid) && isOwner(gid) ? undefined : { what: `${uid}:${gid}` }),
  },
  {
    id: "hidden-name",
    severity: "medium",
    title: "the name holds characters that move the cursor, hide letters or are no text",
    remedy: "rename the file",
    inspect: ({ path }) => (hiddenName.test(path) ? { what: path } : undefined),
  },
  {
    id: "odd-name",
    severity: "low",
    title: "the name is one that people or programs misread",
    remedy: "rename the file",
    inspect: ({ path }) => {
      // A byte takes at most one UTF-16 unit, a unit at most three bytes.
      const isLong = path.length > 85 && path.split("/").some((part) => Buffer.byteLength(part) > 255);
      if (isLong) return { what: "longer than 255 bytes", severity: "medium" };
      if (oddName.test(path)) return { what: "blank at an end, or only dots" };
      // Of two names that look alike (NFC and NFD), one is taken apart like this.
      const isTakenApart = beyondAscii.test(path) && path !== path.normalize("NFC");
      return isTakenApart ? { what: "a letter and its accent stand apart: another name may look the same" } : undefined;
    },
  },
  {
    id: "link-out",
    severity: "medium",
    title: "a link leads into the kernel's file systems or to a control socket",
    remedy: "remove the link",
    inspect: ({ kind, path, target }) =>
      kind === "symlink" && leadsOut.test(target) && !customaryLinks.test(path) ? { what: target } : undefined,
  },
  {
    id: "loader-file",
    severity: "high",
    title: "a library is loaded into every program",
    remedy: "remove /etc/ld.so.preload",
    inspect: ({ path, kind, size }) =>
      path === "etc/ld.so.preload" && (kind !== "file" || size > 0) ? { what: "" } : undefined,
  },
  {
    id: "remote-login",
    severity: "medium",
    title: "a server for logging in from outside is installed",
    remedy: "remove it; use the engine's exec to enter a container",
    inspect: ({ path, kind }) =>
      kind === "file" &&
      /^(?:usr\/)?s?bin\/(?:sshd|dropbear|in\.telnetd|telnetd|in\.rlogind|in\.rshd|vncserver|xrdp)$/.test(path)
        ? { what: "" }
        : undefined,
  },
  {
    id: "becomes-root",
    severity: "low",
    title: "a program for becoming root is installed",
    remedy: "remove it; set USER instead",
    inspect: ({ path, kind }) =>
      kind === "file" && /^(?:usr\/)?(?:local\/)?s?bin\/(?:sudo|doas|pkexec)$/.test(path) ? { what: "" } : undefined,
  },
  {
    id: "package-manager",
    severity: "negligible",
    title: "a package manager is left in the image",
    remedy: "build in one stage and copy the result into a stage without one",
    inspect: ({ path, kind }) =>
      kind === "file" &&
      /^(?:usr\/)?s?bin\/(?:apt-get|apk|yum|dnf(?:-3|5)?|microdnf|rpm|zypper|pacman|opkg)$/.test(path)
        ? { what: "" }
        : undefined,
  },
  {
    id: "private-path",
    severity: "medium",
    title: "something personal was copied into the image",
    remedy: "name it in .dockerignore, or remove it in the step that makes it",
    inspect: ({ path, kind, size }) =>
      kind === "file" && size > 0 && maybePrivate.test(path) && privatePath.test(path) ? { what: "" } : undefined,
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for
const hiddenName = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\udc80-\udcff]/;

const beyondAscii = /[^\0-\x7f]/;

const oddName = /(?:^|\/)(?:\s|\.{3,}(?:\/|$))|\s(?:\/|$)/;

const leadsOut =
  /^\/+(?:proc\/|sys\/|dev\/(?!null$|std|fd|tty|shm|pts|log))|(?:^|\/)proc\/(?:self|\d+)\/(?:root|cwd|fd)|\/(?:docker|containerd|podman|crio)\.sock$/;
const customaryLinks = /^(?:etc\/mtab|dev\/[\w.-]+|var\/log\/[\w./-]+|(?:usr\/)?lib\/systemd\/.*|proc\/.*|sys\/.*)$/;

/** Most paths are told apart by this, which is quick. */
const maybePrivate = /(?:^|\/)\.\w|\.(?:kdbx?|ovpn|jks|keystore|p12|pfx|tfstate)$/;

const privatePath =
  /(?:^|\/)(?:\.(?:bash|zsh|ash|sh|python|node_repl|mysql|psql|sqlite|rediscli|lesshs?t)_?history|\.lesshst|\.viminfo|\.ssh\/(?:id_[\w-]+(?<!\.pub)|authorized_keys|config)|\.aws\/credentials|\.azure\/(?:accessTokens|msal_token_cache)\.json|\.config\/gcloud\/(?:credentials\.db|application_default_credentials\.json)|\.kube\/config|\.docker\/config\.json|\.netrc|\.pgpass|\.git-credentials|\.gnupg\/(?:private-keys-v1\.d\/.+|secring\.gpg)|\.password-store\/.+\.gpg|\.vault-token|\.terraform\.d\/credentials\.tfrc\.json|terraform\.tfstate|\.npmrc|\.pypirc)$|(?:^|\/)\.(?:git|svn|hg)\/(?:config|HEAD|wc\.db|hgrc)$|\.(?:kdbx?|ovpn|jks|keystore|p12|pfx)$/;

function specialBit(path: string, whom: string, mode: number): Detail {
  const what = `${whom}, mode ${octal(mode)}`;
  if ((mode & 0o022) !== 0) return { what: `${what}, and others may write to it`, severity: "critical" };
  return ownSetuid.test(path) ? { what: `${what}, as the distribution ships it`, severity: "low" } : { what };
}

function found(names: readonly string[]): Detail | undefined {
  return names.length === 0 ? undefined : { what: names.join(", ") };
}

function isOwner(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < 2 ** 31;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
