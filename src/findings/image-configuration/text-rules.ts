// Settings inside a few files of the system: who may log in, and how.
// Sources: passwd(5), shadow(5), sudoers(5), sshd_config(5).

import type { TextRule } from "./rule.ts";

const lines = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

export const textRules: readonly TextRule[] = [
  {
    id: "account-without-password",
    severity: "critical",
    title: "an account needs no password",
    remedy: "lock the account: passwd -l",
    paths: ["etc/passwd", "etc/passwd-", "etc/shadow", "etc/shadow-"],
    inspect: (text) =>
      lines(text).flatMap((line) => {
        const fields = line.split(":");
        return fields.length >= 2 && fields[0] !== "" && fields[1] === "" && !/^[+-]/.test(line)
          ? [{ what: fields[0] ?? "" }]
          : [];
      }),
  },
  {
    id: "second-root",
    severity: "high",
    title: "another account is root too",
    remedy: "give the account a user number above 0",
    paths: ["etc/passwd"],
    inspect: (text) =>
      lines(text).flatMap((line) => {
        const [name = "", , uid = ""] = line.split(":");
        return /^0+$/.test(uid) && name !== "root" ? [{ what: name }] : [];
      }),
  },
  {
    id: "sudo-without-password",
    severity: "medium",
    title: "sudo makes somebody root without a password",
    remedy: "remove the line, and sudo with it",
    paths: ["etc/sudoers", "etc/sudoers.d/"],
    inspect: (text) =>
      lines(text)
        .filter((line) => /\bNOPASSWD\s*:/.test(line))
        .map((what) => ({ what })),
  },
  {
    id: "ssh-server-settings",
    severity: "high",
    title: "the SSH server lets people in too easily",
    remedy: "set the option to no, or remove the server",
    paths: ["etc/ssh/sshd_config", "etc/ssh/sshd_config.d/"],
    inspect: (text) =>
      lines(text)
        .filter((line) => /^(?:PermitRootLogin|PermitEmptyPasswords)[\s=]+yes\b/i.test(line))
        .map((what) => ({ what })),
  },
];
