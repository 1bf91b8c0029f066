/*
 * event: what the engine tells its driver, with secrets taken out. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_EVENT_H
#define MAILDRILL_ENGINE_EVENT_H

#include "engine/state.h"

/** Finds out whether a test or what it is given names secrets; before the first event. */
void event_begin(struct engine *e);

/** Emits an event after filling in the time. Its texts may hold secrets: they are redacted here. */
void event_emit(struct engine *e, struct engine_event event);

/** A response of AUTH goes out: a text that repeats it is redacted, too. */
void event_said(struct engine *e, struct slice response);

/** Emits a note about a step. */
void event_note(struct engine *e, size_t step, struct slice text);

/** Emits what a SEND step sent: its line; or all its octets, where they are not one line that CRLF
 * ends. */
void event_sent(struct engine *e, size_t step);

/** What a SEND step shows of itself: its first line, "AUTH PLAIN ****" of a secret. In scratch 1.
 */
struct slice event_sent_text(struct engine *e, size_t step);

#endif
