// Secrets that would stay in the image, its history or its build cache.

import { assignments } from "../../../base/dockerfile/stages.ts";
import { isSecretSetting, namesSecret } from "../../secrets/config-secrets.ts";
import { patternBudget } from "../../secrets/secret-scanner.ts";
import { instructionsOf, type LintRule } from "../lint-rule.ts";

export const secretFileRules: readonly LintRule[] = [
  {
    id: "secret-in-file",
    severity: "critical",
    title: "a secret is written into the Dockerfile",
    hint: "revoke it, and give it to the build with RUN --mount=type=secret",
    check: ({ text, secrets }) => {
      const bytes = Buffer.from(text, "utf8");
      const block = { bytes, end: bytes.length, from: 0, to: bytes.length, linesBefore: 0 };
      const found = secrets.scan(block, {
        path: "Dockerfile",
        isBinary: false,
        budget: patternBudget(bytes.length),
      });
      return found.map(({ rule, line }) => ({ at: { line, column: 1 }, what: rule.title }));
    },
  },
  {
    id: "secret-in-environment",
    severity: "high",
    title: "ENV or LABEL holds a secret, which everybody who can pull the image reads",
    hint: "give it to the container when it starts, or to the build with RUN --mount=type=secret",
    check: (subject) =>
      instructionsOf(subject, "ENV", "LABEL").flatMap((instruction) =>
        assignments(instruction, subject.dockerfile.escapeCharacter)
          .filter(({ name, value = "" }) => isSecretSetting(name, value))
          .map((assignment) => ({ at: assignment, what: `${instruction.keyword} ${assignment.name} holds a secret` })),
      ),
  },
  {
    id: "secret-in-argument",
    severity: "medium",
    title: "a build argument is meant for a secret, and build arguments stay in the image's history",
    hint: "use RUN --mount=type=secret",
    check: (subject) =>
      instructionsOf(subject, "ARG").flatMap((instruction) =>
        assignments(instruction, subject.dockerfile.escapeCharacter)
          .filter(({ name }) => namesSecret(name))
          .map((assignment) => ({
            at: assignment,
            what: `ARG ${assignment.name} stays in the history`,
            ...(isSecretSetting(assignment.name, assignment.value ?? "") ? { severity: "high" as const } : {}),
          })),
      ),
  },
  {
    id: "private-file-copied",
    severity: "high",
    title: "a file with keys or passwords is copied into the image",
    hint: "name it in .dockerignore, and use RUN --mount=type=secret or --mount=type=ssh",
    check: (subject) =>
      instructionsOf(subject, "COPY", "ADD").flatMap(({ words }) =>
        words
          .slice(0, -1)
          .filter(({ text }) => privateFile.test(text.replace(/["']/g, "")))
          .map((word) => ({ at: word, what: `${word.text} is private` })),
      ),
  },
  {
    id: "password-in-command",
    severity: "high",
    title: "a password stands in a command",
    hint: "use RUN --mount=type=secret, or set no password at all",
    check: ({ runs }) =>
      runs.flatMap(({ commands }) =>
        commands
          .filter(
            ({ text, name, words, input }) =>
              (name === "chpasswd" && input !== undefined && /^(?:echo|printf)$/.test(input.name)) ||
              (name === "passwd" && input !== undefined) ||
              (name === "useradd" && words.some((word) => /^(?:-p|--password)(?:=|$)/.test(word))) ||
              (/^(?:sshpass)$/.test(name) && words.includes("-p")) ||
              /\b(?:https?|ftp):\/\/[^\s:@/$"']{1,64}:[^\s:@/$"'{}]{3,}@/.test(text) ||
              (/^(?:curl|wget)$/.test(name) &&
                words.some(
                  (word, at) =>
                    /^(?:-u|--user|--password|--http-password)$/.test(word) &&
                    /^[^$]+:[^$]+$/.test(words[at + 1] ?? ""),
                )),
          )
          .map(({ at, name }) => ({ at, what: `a password for ${name}` })),
      ),
  },
];

const privateFile =
  /(?:^|\/)(?:\.env(?:\.(?!example|sample|template)[\w-]+)?|\.ssh(?:\/.*)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.aws(?:\/.*)?|\.netrc|\.pgpass|\.git-credentials|\.npmrc|\.pypirc|\.kube(?:\/.*)?|\.gnupg(?:\/.*)?|\.docker\/config\.json|terraform\.tfstate|[\w.-]+\.(?:pem|key|p12|pfx|jks|kdbx|ovpn|tfvars))$/;
