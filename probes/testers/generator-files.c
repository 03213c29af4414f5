// Actions on files, named as the public event generator (falcosecurity/event-generator, events/syscall) names them; own code.
#include "tester.h"
#include <ftw.h>
#include <sys/prctl.h>

static void touch(struct report *report, const char *path) {
  took(report, write_file(path, O_CREAT | O_TRUNC, 0644, "x") ? 0 : -1, path);
}

static void read_it(struct report *report, const char *path) {
  char bytes[64];
  took(report, read_some(path, bytes, sizeof bytes) ? 0 : -1, path);
}

ACTION(write_binaries, "WriteBelowBinaryDir") { touch(report, "/bin/created-by-tester"); }
ACTION(write_etc, "WriteBelowEtc") { touch(report, "/etc/created-by-tester"); }
ACTION(write_root, "WriteBelowRoot") { touch(report, "/root/created-by-tester"); }
ACTION(write_top, "WriteBelowMonitoredDir") { touch(report, "/boot/created-by-tester"); }
ACTION(write_packages, "WriteBelowRpmDatabase") { touch(report, "/var/lib/rpm/created-by-tester"); }
ACTION(make_in_dev, "CreateFilesBelowDev") { touch(report, "/dev/created-by-tester"); }
ACTION(make_hidden, "CreateHiddenFilesOrDirectories") { touch(report, "/usr/.created-by-tester"); }
ACTION(change_entrypoint, "ModifyContainerEntrypoint") {
  took(report, write_file("/docker-entrypoint.sh", O_APPEND, 0, "true\n") ? 0 : -1, "/docker-entrypoint.sh");
}
ACTION(cron, "ScheduleCronJobs") {
  took(report, write_file("/etc/cron.d/job", O_CREAT, 0644, "* * * * * root true\n") ? 0 : -1, "/etc/cron.d/job");
}
ACTION(authorized_keys, "AddingSshKeysToAuthorizedKeys") {
  took(report, write_file("/root/.ssh/authorized_keys", O_CREAT | O_APPEND, 0600, "ssh-ed25519 AAAA tester\n") ? 0 : -1,
       "/root/.ssh/authorized_keys");
}
ACTION(rename_binary, "ModifyBinaryDirs") {
  if (took(report, rename("/bin/true", "/bin/true.moved"), "rename of /bin/true")) rename("/bin/true.moved", "/bin/true");
}
ACTION(folder_in_bin, "MkdirBinaryDirs") { took(report, mkdir("/bin/folder-by-tester", 0755), "mkdir below /bin"); }

ACTION(clear_log, "ClearLogActivities") {
  took(report, open("/var/log/syslog", O_WRONLY | O_TRUNC | O_CLOEXEC), "/var/log/syslog emptied");
}
ACTION(remove_history, "DeleteOrRenameShellHistory") { took(report, unlink("/root/.bash_history"), "/root/.bash_history"); }

static int removed;
static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where) {
  (void)stat, (void)kind, (void)where;
  removed += remove(path) == 0;
  return 0;
}
// By many unlinks in a row, as `shred` or `rm -rf` would.
ACTION(remove_bulk, "RemoveBulkDataFromDisk") {
  char *words[] = {"shred", "-u", "/data/records", NULL};
  run_as(report, "shred", words);
  if (!report->ok) return;
  nftw("/data", remove_one, 8, FTW_DEPTH | FTW_PHYS);
  snprintf(report->detail, DETAIL_BYTES, "shred ran and %d files are gone", removed);
}

ACTION(read_sensitive, "ReadSensitiveFileUntrusted") { read_it(report, "/etc/shadow"); }
ACTION(read_after_start, "ReadSensitiveFileTrustedAfterStartup") {
  char *words[] = {"sh", "-c", "/testers/sshd act ReadSensitiveFileUntrusted; exit $?", NULL};
  run_as(report, "/bin/sh", words);
}
ACTION(read_by_dots, "DirectoryTraversalMonitoredFileRead") { read_it(report, "/etc/../etc/./shadow"); }
ACTION(read_environment, "ReadEnvironmentVariableFromProcFiles") { read_it(report, "/proc/1/environ"); }
ACTION(read_ssh, "ReadSSHInformation") { read_it(report, "/root/.ssh/id_ed25519"); }
ACTION(search_keys, "SearchPrivateKeysOrPasswords") {
  char *words[] = {"find", "/", "-maxdepth", "2", "-iname", "id_rsa", NULL};
  run_as(report, "find", words);
}
ACTION(find_cloud_keys, "FindAWSCredentials") {
  char *words[] = {"grep", "aws_access_key_id", "/root/.aws/credentials", NULL};
  run_as(report, "grep", words);
}
ACTION(link_sensitive, "CreateSymlinkOverSensitiveFiles") {
  unlink("/tmp/link");
  took(report, symlink("/etc/shadow", "/tmp/link"), "symlink to /etc/shadow");
}
ACTION(hard_link_sensitive, "CreateHardlinkOverSensitiveFiles") {
  unlink("/etc/shadow.link");
  took(report, link("/etc/shadow", "/etc/shadow.link"), "link to /etc/shadow");
}
ACTION(set_uid_bit, "SetSetuidOrSetgidBit") { took(report, chmod("/testers/changed", 04755), "chmod u+s"); }

ACTION(drift_by_chmod, "ContainerDriftDetectedChmod") {
  touch(report, "/tmp/drift-chmod");
  took(report, chmod("/tmp/drift-chmod", 0755), "chmod +x of a new file");
}
ACTION(drift_by_open, "ContainerDriftDetectedOpenCreate") {
  unlink("/tmp/drift-open");
  took(report, open("/tmp/drift-open", O_WRONLY | O_CREAT | O_CLOEXEC, 0755), "a new file that may be executed");
}
ACTION(class_file, "JavaProcessClassFileDownload") {
  char *words[] = {"java", "act", "java-class-file", NULL};
  run_as(report, "java", words);
}
ACTION(class_file_itself, "java-class-file") { touch(report, "/tmp/Exploit.class"); }
