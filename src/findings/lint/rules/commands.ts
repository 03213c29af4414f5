// What the commands of RUN do to the safety of the image and of the host that builds it.

import { instructionsOf, type LintHit, type LintRule, type LintSubject } from "../lint-rule.ts";
import type { ShellCommand } from "../shell-commands.ts";

/** Commands of every RUN that a test picks. */
function commandsThat({ runs }: LintSubject, test: (command: ShellCommand) => string | undefined): readonly LintHit[] {
  return runs.flatMap(({ commands }) =>
    commands.flatMap((command) => {
      const what = test(command);
      return what === undefined ? [] : [{ at: command.at, what }];
    }),
  );
}

const interpreters = /^(?:ba|da|z|a|k)?sh$|^(?:python|perl|ruby|node|php)[\d.]*$/;
const downloaders = /^(?:curl|wget|aria2c|fetch)$/;

export const commandRules: readonly LintRule[] = [
  {
    id: "download-into-shell",
    severity: "high",
    title: "what comes from the network is run unseen",
    hint: "download a named version to a file, check its sha256 or signature, then run it",
    check: (subject) =>
      commandsThat(subject, (command) => {
        const { name, words, text, input } = command;
        for (let from = input; from !== undefined; from = from.input)
          if (interpreters.test(name) && downloaders.test(from.name)) return `${from.name} into ${name}`;
        if (interpreters.test(name) && /[<$]\(\s*(?:curl|wget)\s/.test(text)) return `${name} runs what it downloads`;
        return name === "eval" && words.some((word) => /\$\(\s*(?:curl|wget)\s|`\s*(?:curl|wget)\s/.test(word))
          ? "eval of a download"
          : undefined;
      }),
  },
  {
    id: "checks-switched-off",
    severity: "high",
    title: "certificates or signatures are not checked",
    hint: "remove the option, and install ca-certificates or the missing key",
    check: (subject) => commandsThat(subject, ({ name, words, text }) => switchedOff(name, words, text)),
  },
  {
    id: "plain-download",
    severity: "medium",
    title: "something is fetched without encryption",
    hint: "use https, and check the sha256 of what was fetched",
    check: (subject) =>
      commandsThat(subject, ({ name, words }) =>
        downloaders.test(name) || (name === "git" && words[1] === "clone")
          ? words.find((word) => /^(?:http|ftp|git):\/\/(?!localhost|127\.)/.test(word))
          : undefined,
      ),
  },
  {
    id: "sudo-used",
    severity: "low",
    title: "sudo is used, though a build is root until USER says otherwise",
    hint: "put the command before USER, and leave sudo out",
    check: (subject) => commandsThat(subject, ({ text }) => (/(?:^|\s)sudo\s/.test(text) ? "sudo" : undefined)),
  },
  {
    id: "setuid-made",
    severity: "medium",
    title: "a program is made that runs with its owner's rights",
    hint: "leave the bit out",
    check: (subject) =>
      commandsThat(subject, ({ name, words }) =>
        name === "chmod" &&
        words.some((word) => /^[ugoa]*\+[rwx]*s|^0?[2467][0-7]{3}$/.test(word) && !/^0?1/.test(word))
          ? words.join(" ")
          : undefined,
      ),
  },
  {
    id: "open-permissions",
    severity: "medium",
    title: "everybody may write to a file",
    hint: "give the file to the user who needs it: COPY --chown, or chown",
    check: (subject) =>
      commandsThat(subject, ({ name, words }) =>
        name === "chmod" &&
        words.some(
          (word) =>
            /^0?[0-7]?[0-7]{2}[2367]$/.test(word) ||
            /^[ugo]*[ao][ugo]*[+=][rwxXst]*w/.test(word) ||
            /^\+[rx]*w/.test(word),
        ) &&
        !words.some((word) => /^0?1[0-7]{3}$/.test(word))
          ? words.join(" ")
          : undefined,
      ),
  },
  {
    id: "login-server",
    severity: "medium",
    title: "a server for logging in is installed",
    hint: "use the engine's exec to enter a container",
    check: (subject) =>
      commandsThat(subject, ({ words }) =>
        isInstall(words)
          ? words.find((word) =>
              /^(?:openssh-server|openssh|dropbear|telnetd|rsh-server|xrdp|tigervnc\S*|x11vnc)(?:[=:].*)?$/.test(word),
            )
          : undefined,
      ),
  },
  {
    id: "root-by-sudo",
    severity: "medium",
    title: "a user may become root without a password",
    hint: "remove sudo, and do what needs root in the build",
    check: (subject) =>
      commandsThat(subject, ({ text }) =>
        /NOPASSWD\s*:/.test(text) ||
        /(?:usermod|adduser|gpasswd|addgroup)\s[^;&|]{0,300}\b(?:sudo|wheel|docker)\b/.test(text)
          ? "a user is made root"
          : undefined,
      ),
  },
  {
    id: "privileged-build",
    severity: "high",
    title: "a step of the build runs without the walls of the sandbox",
    hint: "remove --security=insecure",
    check: (subject) => flagsOf(subject, "security", (value) => value === "insecure"),
  },
  {
    id: "host-network-build",
    severity: "medium",
    title: "a step of the build uses the network of the host",
    hint: "remove --network=host",
    check: (subject) => flagsOf(subject, "network", (value) => value === "host"),
  },
  {
    id: "engine-socket",
    severity: "high",
    title: "the build or the image reaches for the engine's socket",
    hint: "build without it: whoever has the socket is root on the host",
    check: ({ dockerfile }) =>
      dockerfile.instructions
        .filter(
          ({ keyword, text, flags }) =>
            ["RUN", "VOLUME", "COPY", "ADD", "ENV"].includes(keyword) &&
            (socketPath.test(text) || flags.some(({ value }) => socketPath.test(value))),
        )
        .map((instruction) => ({ at: instruction, what: `${instruction.keyword} names the engine's socket` })),
  },
  {
    id: "directory-lost",
    severity: "low",
    title: "cd alone in a RUN changes nothing for the next instruction",
    hint: "use WORKDIR",
    check: ({ runs }) =>
      runs
        .filter(({ commands }) => commands.length === 1 && commands[0]?.name === "cd")
        .map(({ instruction }) => ({ at: instruction, what: "RUN cd" })),
  },
];

const socketPath = /\/(?:docker|containerd|podman|buildkitd|crio)\.sock\b/;

function flagsOf(subject: LintSubject, name: string, test: (value: string) => boolean): readonly LintHit[] {
  return instructionsOf(subject, "RUN").flatMap(({ flags }) =>
    flags
      .filter((flag) => flag.name === name && test(flag.value))
      .map((flag) => ({ at: flag, what: `--${name}=${flag.value}` })),
  );
}

/** A package manager told to install. */
export function isInstall(words: readonly string[]): boolean {
  const [program = "", ...rest] = words;
  const name = program.split("/").at(-1) ?? "";
  const verb = rest.find((word) => !word.startsWith("-"));
  if (name === "apk") return verb === "add";
  return /^(?:apt|apt-get|aptitude|yum|dnf|microdnf|tdnf|zypper)$/.test(name) && (verb === "install" || verb === "in");
}

function switchedOff(name: string, words: readonly string[], text: string): string | undefined {
  const has = (...options: readonly string[]): string | undefined => words.find((word) => options.includes(word));
  if (name === "curl") return words.find((word) => word === "--insecure" || /^-[a-zA-Z]*k[a-zA-Z]*$/.test(word));
  if (name === "wget") return has("--no-check-certificate");
  if (/^(?:apt|apt-get)$/.test(name))
    return (
      has("--allow-unauthenticated", "--force-yes") ??
      words.find((word) =>
        /AllowUnauthenticated=(?:true|1)|AllowInsecureRepositories=(?:true|1)|Verify-Peer=false/i.test(word),
      )
    );
  if (name === "apk") return has("--allow-untrusted");
  if (/^(?:yum|dnf|microdnf|tdnf)$/.test(name))
    return has("--nogpgcheck") ?? words.find((word) => /sslverify=(?:0|false)/.test(word));
  if (name === "zypper") return has("--no-gpg-checks", "--gpg-auto-import-keys");
  if (/^pip[\d.]*$/.test(name) || text.includes("-m pip"))
    return words.find((word) => word.startsWith("--trusted-host"));
  if (/^(?:npm|yarn|pnpm)$/.test(name)) return /strict-ssl[= ]"?false/.test(text) ? "strict-ssl=false" : undefined;
  if (name === "git") return /http\.sslVerify[= ]"?false/i.test(text) ? "http.sslVerify=false" : undefined;
  if (name === "export" || /^\w+=/.test(text))
    return /(?:NODE_TLS_REJECT_UNAUTHORIZED=["']?0|GIT_SSL_NO_VERIFY=["']?(?:1|true)|PYTHONHTTPSVERIFY=["']?0|GONOSUMCHECK=|GOFLAGS=\S*-insecure|GOINSECURE=)/.exec(
      text,
    )?.[0];
  return undefined;
}
