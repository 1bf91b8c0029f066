/*
 * transcript_noise: what stands in a pasted session and is no dialogue.
 *
 * One line is judged by itself here; which line belongs to a message is decided elsewhere
 * (transcript_walk.h).
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_NOISE_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_NOISE_H

#include "base/slice.h"

enum transcript_class {
    TRANSCRIPT_OTHER,   /* nothing that is known */
    TRANSCRIPT_REPLY,   /* "250 text", "250-text", "250" */
    TRANSCRIPT_COMMAND, /* a verb with arguments of its form */
    TRANSCRIPT_LAUNCH,  /* "$ telnet host 25" */
    TRANSCRIPT_OPENED,  /* "Trying ...", "Connected to ..." */
    TRANSCRIPT_CLOSED,  /* the server closed */
    TRANSCRIPT_LEFT,    /* the person at the terminal closed: "^]", "telnet> quit" */
    TRANSCRIPT_PROMPT,  /* a shell prompt, with or without a command */
    TRANSCRIPT_TLS,     /* begins a block of a TLS client's own output */
    TRANSCRIPT_NOISE,   /* anything else that a program prints */
};

/** What a line that is neither a reply nor a command is; OTHER where nothing is known about it. */
enum transcript_class transcript_noise_class(struct slice text);

/** Octets of the shell prompt that `text` begins with, the blanks after it included; or 0. */
size_t transcript_prompt_length(struct slice text);

struct transcript_launch {
    struct slice host; /* borrowed; may be empty */
    uint16_t port;     /* 0 where none is written */
    bool tls;          /* the program speaks TLS from the first octet */
    bool starttls;     /* the program does STARTTLS itself, before it shows anything */
};

/** Whether the line starts a client: telnet, nc, openssl s_client and their like. */
bool transcript_launch_parse(struct slice text, struct transcript_launch *ret_launch);

#endif
