// Tester programs: each action does one bad thing for real, inside a container that a test made, and says how it went.
#pragma once

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { RAN = 42, DETAIL_BYTES = 200 };

struct report {
  bool ok; // the action had its effect
  int error; // errno of the call that failed, 0 where none did
  char detail[DETAIL_BYTES];
};

struct arguments {
  int count;
  char **values;
};

struct action {
  const char *name;
  void (*act)(struct report *report, struct arguments arguments);
};

// Actions register themselves: the linker collects them between __start_actions and __stop_actions.
#define ACTION(id, title)                                                                                          \
  static void id(struct report *, struct arguments);                                                               \
  static const struct action action_##id = {title, id};                                                            \
  static const struct action *const link_##id __attribute__((used, section("actions"))) = &action_##id;            \
  static void id(struct report *report __attribute__((unused)), struct arguments arguments __attribute__((unused)))

// Takes the result of a call: below zero is a failure with errno.
bool took(struct report *report, long result, const char *what);
void failed(struct report *report, const char *what);
const char *argument(struct arguments arguments, int index, const char *otherwise);

// Files.
bool copy_file(const char *from, const char *to, mode_t mode);
bool write_file(const char *path, int flags, mode_t mode, const char *text);
bool read_some(const char *path, char *bytes, size_t size);

// Programs. Each waits for the child's end, and `ran` holds when it was this program and ran as asked.
struct ending {
  int status; // as waitpid tells
  int error; // errno when it could not be executed at all
};
struct ending run(const char *path, char *const argv[], char *const environment[]);
bool ran(struct report *report, struct ending ending, const char *what);
// This program under another name, which the image has a link for below /testers.
void run_as(struct report *report, const char *name, char *const words[]);

// A process of another container, found by its command line; 0 when there is none.
pid_t find_victim(void);
extern char victim_secret[64];
extern const char victim_text[28];
