/*
 * commands: the subcommands, one file each; main.c has their table.
 */
#ifndef MAILDRILL_CLI_COMMANDS_H
#define MAILDRILL_CLI_COMMANDS_H

#include <stdio.h>

#include "cli/options.h"

enum exit_code command_run(const struct options *options);
enum exit_code command_compare(const struct options *options);
enum exit_code command_conform(const struct options *options);
enum exit_code command_replay(const struct options *options);
enum exit_code command_shrink(const struct options *options);
enum exit_code command_fuzz(const struct options *options);
enum exit_code command_import(const struct options *options);
enum exit_code command_check(const struct options *options);
enum exit_code command_proxy(const struct options *options);
enum exit_code command_fmt(const struct options *options);
enum exit_code command_serve(const struct options *options);
enum exit_code command_parse(const struct options *options);

enum exit_code command_help(const struct options *options);

/** What --help says besides the options. */
void parse_help(FILE *out);
void fuzz_help(FILE *out);

#endif
