/*
 * finding: a session in which something is wrong, as a tagged script that fails in the same way.
 */
#ifndef MAILDRILL_CAMPAIGN_FINDING_H
#define MAILDRILL_CAMPAIGN_FINDING_H

#include "base/writer.h"
#include "campaign/session.h"

/** What is wrong, for people: "RCPT is taken where there is no transaction (RCPT, after RSET)". */
void finding_title(const struct session *session, struct writer *out);

/** Writes what was said in a step: lines "C: ", or "C!: " where they hold other octets. */
void finding_said(const struct session_step *step, struct writer *out);

/** Writes the script: the steps up to the one at fault, and what should have come there. */
void finding_script(const struct session *session, struct writer *out);

#endif
