/*
 * mailbox: whether a delivered message is the one that %message is about.
 */
#ifndef MAILDRILL_CLI_MAILBOX_H
#define MAILDRILL_CLI_MAILBOX_H

#include "engine/engine.h"

/** Whether the message holds the query's token, and went to its mailbox as far as it says: a
 * Delivered-To, X-Original-To, Envelope-To or X-Envelope-To field, where it has one, must name
 * that.
 */
bool mailbox_holds(struct slice message, const struct engine_query *query);

#endif
