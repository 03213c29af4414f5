// How packages are installed: whether it works unattended, is the same tomorrow, and leaves nothing behind.

import type { LintHit, LintRule, LintSubject, RunStep } from "../lint-rule.ts";
import type { ShellCommand } from "../shell-commands.ts";
import { isInstall } from "./commands.ts";

const isApt = ({ name }: ShellCommand): boolean => name === "apt-get" || name === "apt" || name === "aptitude";
const installs = (step: RunStep, test: (command: ShellCommand) => boolean): readonly ShellCommand[] =>
  step.commands.filter((command) => isInstall(command.words) && test(command));

function perStep({ runs }: LintSubject, find: (step: RunStep) => readonly LintHit[]): readonly LintHit[] {
  return runs.flatMap(find);
}

const hasCacheMount = ({ instruction }: RunStep): boolean =>
  instruction.flags.some(({ name, value }) => name === "mount" && /type=(?:cache|tmpfs)/.test(value));

export const packageRules: readonly LintRule[] = [
  {
    id: "apt-update-apart",
    severity: "medium",
    title: "apt-get update and install stand in different steps, so that old lists are used from the cache",
    hint: "write RUN apt-get update && apt-get install in one step",
    check: (subject) =>
      perStep(subject, (step) => {
        const hasUpdate = step.commands.some((command) => isApt(command) && command.words.includes("update"));
        if (hasUpdate && installs(step, isApt).length === 0)
          return [{ at: step.instruction, what: "update without install" }];
        return hasUpdate || hasCacheMount(step)
          ? []
          : installs(step, isApt)
              .slice(0, 1)
              .map(({ at }) => ({ at, what: "install without update" }));
      }),
  },
  {
    id: "install-asks",
    severity: "medium",
    title: "the package manager asks a question that nobody answers",
    hint: "add -y",
    check: (subject) =>
      perStep(subject, (step) =>
        installs(step, ({ name }) => name !== "apk")
          .filter(({ words, name }) => !words.some((word) => isYes(word, name)))
          .map(({ at, name }) => ({ at, what: `${name} install without -y` })),
      ),
  },
  {
    id: "install-recommends",
    severity: "low",
    title: "packages come along that nobody asked for",
    hint: "add --no-install-recommends",
    check: (subject) =>
      perStep(subject, (step) =>
        installs(step, isApt)
          .filter(
            ({ words }) =>
              !words.some((word) => /^--no-install-recommends$|Install-Recommends=(?:0|false)/i.test(word)),
          )
          .map(({ at, name }) => ({ at, what: `${name} install with recommended packages` })),
      ),
  },
  {
    id: "package-lists-left",
    severity: "low",
    title: "lists and archives of the package manager stay in the layer",
    hint: "remove them in the same step: rm -rf /var/lib/apt/lists/*, apk add --no-cache, dnf clean all, pip install --no-cache-dir",
    check: (subject) => perStep(subject, (step) => (hasCacheMount(step) ? [] : leftovers(step))),
  },
  {
    id: "whole-upgrade",
    severity: "low",
    title: "everything is upgraded: the image differs from day to day",
    hint: "use a newer base image, or name the packages that need a fix",
    check: (subject) =>
      perStep(subject, (step) =>
        step.commands
          .filter(
            ({ name, words }) =>
              (/^(?:apt|apt-get)$/.test(name) && words.some((word) => /^(?:dist-upgrade|full-upgrade)$/.test(word))) ||
              name === "do-release-upgrade",
          )
          .map(({ at, words }) => ({ at, what: words.join(" ") })),
      ),
  },
  {
    id: "apt-for-people",
    severity: "negligible",
    title: "apt is made for people, and changes its ways",
    hint: "use apt-get",
    check: (subject) =>
      perStep(subject, (step) =>
        step.commands.filter(({ name }) => name === "apt").map(({ at }) => ({ at, what: "apt" })),
      ),
  },
  {
    id: "dependencies-unlocked",
    severity: "low",
    title: "dependencies are chosen anew at every build",
    hint: "use the lock file: npm ci, yarn install --immutable, pip install --require-hashes -r, bundle config frozen",
    check: (subject) =>
      perStep(subject, (step) =>
        step.commands
          .filter(
            ({ name, words }) =>
              (name === "npm" &&
                /^(?:install|i)$/.test(words[1] ?? "") &&
                words.slice(2).every((word) => word.startsWith("-")) &&
                !words.includes("-g")) ||
              (name === "yarn" &&
                (words[1] ?? "install") === "install" &&
                !words.some((word) => /^--(?:immutable|frozen-lockfile)$/.test(word))) ||
              (name === "pnpm" && /^(?:install|i)$/.test(words[1] ?? "") && !words.includes("--frozen-lockfile")),
          )
          .map(({ at, words }) => ({ at, what: words.join(" ") })),
      ),
  },
];

function isYes(word: string, name: string): boolean {
  if (name === "zypper") return /^(?:-n|--non-interactive|-y|--no-confirm)$/.test(word);
  return (
    /^(?:-[a-zA-Z]*y[a-zA-Z]*|--yes|--assumeyes|--assume-yes|-q{2,}|-qy|--force-yes)$/.test(word) ||
    /^-q=2$|Assume-Yes=(?:true|1)/i.test(word)
  );
}

/** What of a step's installations stays in its layer. */
function leftovers({ commands }: RunStep): readonly LintHit[] {
  return caches.flatMap(({ what, fills, empties }) => {
    const first = commands.some(empties) ? undefined : commands.find(fills);
    return first === undefined ? [] : [{ at: first.at, what }];
  });
}

type Cache = {
  readonly what: string;
  readonly fills: (command: ShellCommand) => boolean;
  readonly empties: (command: ShellCommand) => boolean;
};

const removes =
  (...folders: readonly string[]) =>
  ({ name, words }: ShellCommand): boolean =>
    (name === "rm" || name === "find") && words.some((word) => folders.some((folder) => word.startsWith(folder)));

const caches: readonly Cache[] = [
  {
    what: "apt's lists stay",
    fills: (command) => isInstall(command.words) && isApt(command),
    empties: removes("/var/lib/apt", "/var/lib/{apt"),
  },
  {
    what: "apk's index stays",
    fills: ({ name, words }) => isInstall(words) && name === "apk" && !words.includes("--no-cache"),
    empties: removes("/var/cache/apk"),
  },
  {
    what: "the package cache stays",
    fills: ({ name, words }) => isInstall(words) && /^(?:yum|dnf|microdnf|tdnf|zypper)$/.test(name),
    empties: (command) =>
      (/^(?:yum|dnf|microdnf|tdnf|zypper)$/.test(command.name) && /^(?:clean|cc)$/.test(verbOf(command))) ||
      removes("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/zypp")(command),
  },
  {
    what: "pip's cache stays",
    fills: ({ name, words }) => /^pip[\d.]*$/.test(name) && words[1] === "install" && !words.includes("--no-cache-dir"),
    empties: (command) =>
      removes("/root/.cache", "~/.cache")(command) || (/^pip[\d.]*$/.test(command.name) && verbOf(command) === "cache"),
  },
];

function verbOf({ words }: ShellCommand): string {
  return words.slice(1).find((word) => !word.startsWith("-")) ?? "";
}
