// Control groups that live for a moment, as those of very short containers do.
#pragma once
int storm(const char *root);
