// The other container: a secret in memory, in an open file, and in a segment of shared memory.
#pragma once
enum { VICTIM_KEY = 0x504c4d53 }; // of shmget
int be_victim(void);
