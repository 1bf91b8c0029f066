/*
 * maildir: a folder of messages, one a file, that any number of programs may write and read at
 * once: a message is written in tmp/ and renamed into new/ when it is whole.
 */
#ifndef MAILDRILL_CLI_MAILDIR_H
#define MAILDRILL_CLI_MAILDIR_H

#include "server/server.h"

struct maildir;

/** Makes the folder, and tmp, new and cur in it, where they are missing; NULL where that fails. */
struct maildir *maildir_open(const char *path);
void maildir_close(struct maildir *maildir);

/** Writes the message once for each recipient, who is named in a Delivered-To field behind
 * Return-Path. Says on standard error what could not be written. */
void maildir_deliver(struct maildir *maildir, const struct server_message *message);

#endif
