/*
 * value: how the value of an option is read into struct options. One function a kind of value; the
 * option table names it.
 */
#ifndef MAILDRILL_CLI_OPTIONS_VALUE_H
#define MAILDRILL_CLI_OPTIONS_VALUE_H

#include "cli/options.h"

struct row;

/** False where `value` is none for the option, or where there are too many of them. */
typedef bool value_reader(struct options *options, const struct row *row, const char *value);

value_reader value_text;
value_reader value_flag;
value_reader value_server;
value_reader value_seeds;
value_reader value_tag;
value_reader value_count;
value_reader value_amount;
value_reader value_rfc;
value_reader value_shard;
value_reader value_minutes;
value_reader value_scale;
value_reader value_report;
value_reader value_levels;
value_reader value_timeout;
value_reader value_setting;
value_reader value_own;
value_reader value_fault;
value_reader value_mode;
value_reader value_without;
value_reader value_match;
value_reader value_segment;
value_reader value_sanity;
value_reader value_verify;
value_reader value_insecure;
value_reader value_pop3;

#endif
