// Names of files that are told even when they are only read: secrets, and what says where secrets are. The last part of the
// path counts. Rules that read other files need the sensor's option to tell every open.

/** Bytes of `struct file_name`, the last of which stays empty. */
const nameBytes = 24;

const names: readonly string[] = [
  "shadow",
  "shadow-",
  "gshadow",
  "sudoers",
  "passwd",
  "master.passwd",
  "pwquality.conf",
  "environ",
  "maps",
  "smaps",
  "pagemap",
  "kallsyms",
  "kcore",
  "core_pattern",
  "release_agent",
  "docker.sock",
  "id_rsa",
  "id_dsa",
  "id_ecdsa",
  "id_ed25519",
  "authorized_keys",
  "known_hosts",
  "credentials",
  "config.json",
  ".dockercfg",
  ".netrc",
  ".pgpass",
  ".my.cnf",
  ".env",
  ".git-credentials",
  ".npmrc",
  ".pypirc",
  ".bash_history",
  ".ash_history",
  ".zsh_history",
  "token",
  "ca.crt",
  "kubeconfig",
  "krb5.keytab",
  "wallet.dat",
];

/** Keys of the map `named_files`. */
export function fileNameKeys(): readonly Buffer[] {
  return names.map((name) => {
    const key = Buffer.alloc(nameBytes);
    key.write(name, 0, nameBytes - 1);
    return key;
  });
}
