/*
 * Stands in for denort, the base of `deno compile`, which cannot be had where this was written. It
 * answers `--version` as the program does, but only where a program has been put into its own file,
 * as `deno compile` 2.9.6 does it. AGENT is what denort calls itself to servers, and how its version
 * is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *agent = AGENT;

/* The first letter is put in at run time: this file must not have the whole word. */
static char word[] = "?3n0l4nd";

static int has_program(void) {
  FILE *file = fopen("/proc/self/exe", "rb");
  if (!file || fseek(file, 0, SEEK_END)) return 0;
  long size = ftell(file);
  char *bytes = malloc(size);
  rewind(file);
  if (!bytes || fread(bytes, 1, size, file) != (size_t)size) return 0;
  word[0] = 'd';
  return memmem(bytes, size, word, strlen(word)) != NULL;
}

int main(int argc, char **argv) {
  if (!has_program()) {
    fprintf(stderr, "error: Could not find standalone binary section.\n");
    return 1;
  }
  if (argc == 2 && !strcmp(argv[1], "--version")) printf("service-offline %s\n", VERSION);
  else printf("%s\n", agent);
  return 0;
}
