// What goes into the image, and from where.

import { instructionsOf, type LintRule } from "../lint-rule.ts";

const isRemote = (text: string): boolean => /^["']?(?:https?|ftp):\/\//i.test(text);
const isGit = (text: string): boolean => /^["']?(?:git@|git:\/\/|ssh:\/\/)|\.git(?:#.*)?["']?$/i.test(text);
const isArchive = (text: string): boolean => /\.(?:tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz|zst)|tzst)["']?$/i.test(text);

export const contentRules: readonly LintRule[] = [
  {
    id: "add-remote",
    severity: "medium",
    title: "ADD fetches from the network what may be another thing tomorrow",
    hint: "add --checksum=sha256:..., or name a commit of a repository",
    check: (subject) =>
      instructionsOf(subject, "ADD").flatMap(({ words, flags }) => {
        if (flags.some(({ name }) => name === "checksum")) return [];
        return words
          .slice(0, -1)
          .filter(({ text }) => (isRemote(text) || isGit(text)) && !/#[0-9a-f]{40}\b/.test(text))
          .map((word) => ({
            at: word,
            what: `${word.text} is fetched without a checksum`,
            ...(/^["']?(?:http|ftp):/i.test(word.text) ? { severity: "high" as const } : {}),
          }));
      }),
  },
  {
    id: "add-local",
    severity: "low",
    title: "ADD does more than copy: it unpacks archives and fetches addresses",
    hint: "use COPY",
    check: (subject) =>
      instructionsOf(subject, "ADD")
        .filter(
          ({ words, heredocs }) =>
            heredocs.length === 0 &&
            words.length > 1 &&
            words
              .slice(0, -1)
              .every(({ text }) => !isRemote(text) && !isGit(text) && !isArchive(text) && !text.includes("$")),
        )
        .map((instruction) => ({ at: instruction, what: "ADD copies files" })),
  },
  {
    id: "copy-many",
    severity: "high",
    title: "several files are copied to a name that is no directory",
    hint: "end the destination with /",
    check: (subject) =>
      instructionsOf(subject, "COPY", "ADD")
        .filter(({ words }) => words.length > 2 && !/[/$}]["']?$|^["']?\.{1,2}["']?$/.test(words.at(-1)?.text ?? ""))
        .map((instruction) => ({
          at: instruction.words.at(-1) ?? instruction,
          what: `${instruction.words.length - 1} sources for ${instruction.words.at(-1)?.text}`,
        })),
  },
  {
    id: "copy-incomplete",
    severity: "high",
    title: "COPY or ADD has no destination",
    hint: "name at least one source and a destination",
    check: (subject) =>
      instructionsOf(subject, "COPY", "ADD")
        .filter(({ words }) => words.length < 2)
        .map((instruction) => ({ at: instruction, what: `${instruction.keyword} needs a source and a destination` })),
  },
  {
    id: "copy-open",
    severity: "medium",
    title: "everybody may write to what is copied",
    hint: "leave out the bits for others: --chmod=755",
    check: (subject) =>
      instructionsOf(subject, "COPY", "ADD").flatMap(({ flags }) =>
        flags
          .filter(
            ({ name, value }) =>
              name === "chmod" &&
              (/^0?[0-7]{2}[2367]$|^[1-7][0-7]{2}[2367]$/.test(value) || /(?:^|,)[ao]*\+\w*w/.test(value)),
          )
          .map((flag) => ({ at: flag, what: `mode ${flag.value}` })),
      ),
  },
];
